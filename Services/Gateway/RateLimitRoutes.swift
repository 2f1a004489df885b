import Contracts
import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// `GET` and `PUT /v1/admin/rate-limits`: the whole policy at once.
struct RateLimitRoutes: Sendable {
    let store: RateLimitStore
    let limits: RateLimits
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.get("/v1/admin/rate-limits", admin(show))
        router.put("/v1/admin/rate-limits", admin(change))
    }

    private struct Policy: Codable {
        var rules: [RateLimitRule]
    }

    /// An admin is never limited here, or a policy that is too tight could not be put right; whoever else calls is.
    private func admin(_ handler: @escaping AuthenticatedHandler) -> Handler {
        { request in
            let record = RequestRecord.of(request)
            do {
                let token = try await tokens.check(authorization: request.headerFields[.authorization])
                record.token = token
                guard token.hasRole(Role.admin.rawValue) else { throw Problem(.forbidden) }
                record.policyVersion = store.policy.version
                return try await handler(request, token)
            } catch let problem as Problem where problem.code.status == 401 || problem.code.status == 403 {
                guard let path = RequestPath(request.path) else { throw RoutingError.badPath }
                var admission = try limits.admit(request, path, from: record.client)
                if let token = record.token { try admission.count(user: token.userID) }
                throw problem
            }
        }
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let policy = store.policy
        return try request.conditional(policy.tag) { try Self.response(policy) }
    }

    @Sendable private func change(_ request: Request, _ token: AccessToken) async throws -> Response {
        let present = store.policy
        try request.requireMatch(present.tag)
        let sent = try await request.json(Policy.self)
        let errors = RateLimitValidation.errors(in: sent.rules)
        guard errors.isEmpty else { throw Problem(.invalidRequest, errors: errors) }
        let policy = try await store.change(to: sent.rules, replacing: present.version, by: token.userID)
        return try Self.response(policy)
    }

    private static func response(_ policy: RateLimitPolicy) throws -> Response {
        try .json(Policy(rules: policy.rows), [.eTag: policy.tag.description, .cacheControl: "no-store"])
    }
}
