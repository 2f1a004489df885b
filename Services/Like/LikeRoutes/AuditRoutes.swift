import Contracts
import HTTPTransport
import Security
import ServiceKit

/// Whether counters are right.
struct AuditRoutes: Sendable {
    let audit: LikeAudit
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.get(
            "/v1/admin/likes/audit",
            tokens.role(.admin) { request, _ in try .json(await audit.run(on: request.loop)) }
        )
    }
}
