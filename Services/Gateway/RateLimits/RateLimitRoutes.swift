import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import System

/// `GET` and `PUT /v1/admin/rate-limits`: the whole policy at once; `POST …/simulate`: what another would have done.
struct RateLimitRoutes: Sendable {
    let store: RateLimitStore
    let access: AdminAccess
    let log: RequestLogReader
    let pool: WorkerPool

    func add(to router: inout Router) {
        router.post("/v1/admin/rate-limits/simulate", access.admin(simulate))
        router.get("/v1/admin/rate-limits", access.admin(show))
        router.put("/v1/admin/rate-limits", access.admin(change))
    }

    private struct Policy: Codable {
        var rules: [RateLimitRule]
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let policy = store.policy
        return try request.conditional(policy.tag) { try Self.response(policy) }
    }

    @Sendable private func change(_ request: Request, _ token: AccessToken) async throws -> Response {
        let present = store.policy
        try request.requireMatch(present.tag)
        let sent = try await request.json(Policy.self)
        try RateLimitValidation.check(sent.rules)
        let policy = try await store.change(to: sent.rules, replacing: present.version, by: token.userID)
        return try Self.response(policy)
    }

    private struct Proposal: Decodable {
        var policy: Policy
        var from: Timestamp
        var to: Timestamp
    }

    @Sendable private func simulate(_ request: Request, _ token: AccessToken) async throws -> Response {
        let proposal = try await request.json(Proposal.self)
        try RateLimitValidation.check(proposal.policy.rules, below: "/policy")
        let (start, end) = (proposal.from, proposal.to)
        guard start < end else { throw Problem.invalid("/to", "after from") }
        let policy = RateLimitPolicy(version: 0, rows: proposal.policy.rules)
        // What was counted before counts on: the longest window of them.
        let span = try await log.read(from: start.adding(seconds: -policy.memory), to: end, on: request.loop)
        let past = store.policies
        // Seconds of work at most, off the loop.
        var report = try await pool.run {
            RateLimitSimulation.report(on: span.entries, from: start, under: policy, after: past)
        }
        report.isTruncated = span.isTruncated
        return try .json(report, [.cacheControl: "no-store"])
    }

    private static func response(_ policy: RateLimitPolicy) throws -> Response {
        try .json(Policy(rules: policy.rows), [.eTag: policy.tag.description, .cacheControl: "no-store"])
    }
}
