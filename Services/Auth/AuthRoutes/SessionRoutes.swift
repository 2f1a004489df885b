import Contracts
import HTTPCore
import HTTPTransport
import Security
import ServiceKit
import System

/// Log-out, the list of sessions, and the audit trail.
struct SessionRoutes: Sendable {
    let store: AuthStore
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.post("/v1/auth/logout", tokens.user(logOut))
        router.get("/v1/auth/sessions", tokens.user(list))
        router.delete("/v1/auth/sessions/:id", tokens.user(revoke))
        router.get("/v1/auth/audit", tokens.user(audit))
    }

    @Sendable private func logOut(_ request: Request, _ token: AccessToken) async throws -> Response {
        let text = try request.query("scope") ?? AuthStore.Scope.local.rawValue
        guard let scope = AuthStore.Scope(rawValue: text) else {
            throw Problem.invalid("scope", "local, others or global")
        }
        try await store.logOut(userID: token.userID, from: token.sessionID, scope: scope, client: Client(request))
        return .noContent
    }

    private struct Item: Encodable {
        var session: Session
        var isCurrent: Bool

        enum CodingKeys: String, CodingKey {
            case id
            case createdAt = "created_at"
            case lastUsedAt = "last_used_at"
            case expiresAt = "expires_at"
            case device
            case userAgent = "user_agent"
            case addressPrefix = "address_prefix"
            case isCurrent = "current"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(session.id, forKey: .id)
            try values.encode(session.createdAt, forKey: .createdAt)
            try values.encode(session.refreshedAt, forKey: .lastUsedAt)
            try values.encode(session.expiresAt, forKey: .expiresAt)
            try values.encode(DeviceName.of(userAgent: session.userAgent), forKey: .device)
            try values.encode(session.userAgent, forKey: .userAgent)
            try values.encode(session.addressPrefix, forKey: .addressPrefix)
            try values.encode(isCurrent, forKey: .isCurrent)
        }
    }

    /// At most 50, so one page.
    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let items = try await store.sessions(of: token.userID).map { session in
            Item(session: session, isCurrent: session.id == token.sessionID)
        }
        return try .json(Page(items: items, nextCursor: nil))
    }

    @Sendable private func revoke(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        guard try await store.revoke(id, for: token, client: Client(request)) else { throw Problem(.notFound) }
        return .noContent
    }

    /// Whose trail is asked for: the caller's own, or for an admin that of `user_id`.
    private func subject(of request: Request, _ token: AccessToken) async throws -> Identifier {
        guard let text = try request.query("user_id") else { return token.userID }
        guard let id = Identifier(text) else { throw Problem.invalid("user_id", "a UUID") }
        guard id == token.userID || token.hasRole(Role.admin.rawValue) else {
            try await store.denied(token, "audit_of_another", client: Client(request))
            throw Problem(.forbidden)
        }
        return id
    }

    @Sendable private func audit(_ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(request.query(), filter: "audit \(try request.query("user_id") ?? "")")
        let after = page.after?.first.flatMap { Identifier($0) }
        let userID = try await subject(of: request, token)
        let entries = try await store.audit(of: userID, before: after, limit: page.limit + 1)
        return try .page(page.page(entries) { [$0.id.description] }, of: request)
    }
}
