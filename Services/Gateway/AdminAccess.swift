import Contracts
import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// The gateway's own routes for admins.
struct AdminAccess: Sendable {
    let tokens: TokenChecker
    let limits: RateLimits

    /// An admin is never limited here, or a policy that is too tight could not be put right; whoever else calls is.
    func admin(_ handler: @escaping AuthenticatedHandler) -> Handler {
        { request in
            let record = RequestRecord.of(request)
            do {
                let token = try await tokens.check(authorization: request.headerFields[.authorization])
                record.token = token
                guard token.hasRole(Role.admin.rawValue) else { throw Problem(.forbidden) }
                record.policyVersion = limits.store.policy.version
                return try await handler(request, token)
            } catch let problem as Problem where problem.code.status == 401 || problem.code.status == 403 {
                guard let path = request.decodedPath else { throw RoutingError.badPath }
                var admission = try limits.admit(request, path, record)
                if let token = record.token { try admission.count(user: token.userID) }
                throw problem
            }
        }
    }
}
