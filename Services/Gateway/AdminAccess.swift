import Contracts
import HTTPTransport
import Security
import ServiceKit

/// The gateway's own routes for admins.
struct AdminAccess: Sendable {
    let tokens: TokenChecker
    let limits: RateLimits

    /// An admin is never limited here, or a policy that is too tight could not be put right; whoever else calls is.
    func admin(_ handler: @escaping AuthenticatedHandler) -> Handler {
        let answer = tokens.role(.admin) { request, token in
            let record = RequestRecord.of(request)
            record.token = token
            record.policyVersion = limits.store.policy.version
            return try await handler(request, token)
        }
        return { request in
            do {
                return try await answer(request)
            } catch let problem as Problem where problem.code.status == 401 || problem.code.status == 403 {
                let record = RequestRecord.of(request)
                record.token = request[Caller.self]
                var admission = try limits.admit(request, record)
                if let token = record.token { try admission.count(user: token.userID) }
                throw problem
            }
        }
    }
}
