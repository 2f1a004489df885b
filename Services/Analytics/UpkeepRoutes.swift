import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// How fresh the metrics are, whether they agree with their owners' counts, and making them anew. For admins.
struct UpkeepRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let rebuilds: Rebuilds
    let ends: LogEnds
    let clock: WallClock

    func add(to router: inout Router) {
        router.get("/v1/analytics/freshness", tokens.role(.admin, handler: freshness))
        router.get("/v1/analytics/reconcile", tokens.role(.admin, handler: reconcile))
        router.get("/v1/analytics/rebuilds", tokens.role(.admin, handler: list))
        router.post("/v1/analytics/rebuilds", tokens.role(.admin, handler: rebuild))
        router.get("/v1/analytics/rebuilds/:id", tokens.role(.admin, handler: show))
    }

    // MARK: Freshness

    private struct Freshness: Encodable {
        /// Records that have not taken effect.
        let lag: Int64
        /// How old the oldest event is that is known to be applied in a partition with a lag; 0 without one.
        let lagMilliseconds: Int64
        let partitions: [Part]

        enum CodingKeys: String, CodingKey {
            case lag, partitions
            case lagMilliseconds = "lag_ms"
        }
    }

    private struct Part: Encodable {
        let topic: String
        let partition: Int32
        let applied: Int64
        let end: Int64
        let lag: Int64
        let eventTime: Timestamp?
        let appliedAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case topic, partition, applied, end, lag
            case eventTime = "event_time"
            case appliedAt = "applied_at"
        }
    }

    @Sendable private func freshness(_ request: Request, _ token: AccessToken) async throws -> Response {
        // First the ends: what is applied after that can only make the lag smaller.
        let ends: [EventPosition.Partition: Int64]
        do {
            ends = try await self.ends.all()
        } catch is EventError {
            throw Problem(.unavailable, "the broker is away", retryAfter: 2)
        }
        let applied = try await database.read { try $0.freshness() }
        let parts = ends.map { place, end in
            let here = applied[place]
            // The log has gone on since it was asked where it ends: it reaches at least as far as what was applied.
            let next = here?.next ?? 0
            return Part(
                topic: place.topic,
                partition: place.partition,
                applied: next,
                end: max(end, next),
                lag: max(0, end - next),
                eventTime: here?.eventTime,
                appliedAt: here?.appliedAt
            )
        }.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        let now = clock.now.milliseconds
        let late = parts.filter { $0.lag > 0 }.map { now - ($0.appliedAt?.milliseconds ?? now) }.max() ?? 0
        let answer = Freshness(
            lag: parts.reduce(0) { $0 + $1.lag },
            lagMilliseconds: max(0, late),
            partitions: parts
        )
        return try .json(answer, [.cacheControl: "no-cache"])
    }

    // MARK: Reconciliation

    private struct Agreement: Encodable {
        let items: [Reconciliation]
        let nextCursor: String?
        let gateways: [GatewayLog]

        enum CodingKeys: String, CodingKey {
            case items, gateways
            case nextCursor = "next_cursor"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(items, forKey: .items)
            try values.encode(nextCursor, forKey: .nextCursor)
            try values.encode(gateways, forKey: .gateways)
        }
    }

    @Sendable private func reconcile(_ request: Request, _ token: AccessToken) async throws -> Response {
        let query = try request.query()
        let onlyDrifted: Bool
        switch query.items.first(where: { $0.name == "drifted" })?.value {
        case nil, "false": onlyDrifted = false
        case "true": onlyDrifted = true
        default: throw Problem.invalid("drifted", "true or false")
        }
        let page = try PageRequest(query, filter: "reconcile \(onlyDrifted)")
        let after = page.after?.first ?? ""
        let (items, gateways) = try await database.read { connection in
            (
                try connection.reconciliations(
                    try connection.liveGeneration(),
                    onlyDrifted: onlyDrifted,
                    after: after,
                    limit: page.limit + 1
                ),
                try connection.gatewayLogs(limit: PageRequest.maximumLimit)
            )
        }
        let cut = page.page(items) { [$0.subject] }
        return try .json(Agreement(items: cut.items, nextCursor: cut.nextCursor, gateways: gateways))
    }

    // MARK: Rebuilds

    @Sendable private func rebuild(_ request: Request, _ token: AccessToken) async throws -> Response {
        let rebuild = try await rebuilds.begin(on: request.loop)
        let location = "/v1/analytics/rebuilds/\(rebuild.id)"
        return try .json(
            RebuildView(rebuild, at: clock.now),
            status: .accepted,
            [.location: location, .retryAfter: "1"]
        )
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        guard let rebuild = try await database.read({ try $0.rebuild(id) }) else { throw Problem(.notFound) }
        return try .json(RebuildView(rebuild, at: clock.now))
    }

    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "rebuilds")
        let before = page.after?.first.flatMap { Identifier($0) }
        let found = try await database.read { try $0.rebuilds(before: before, limit: page.limit + 1) }
        let now = clock.now
        return try .page(page.page(found.map { RebuildView($0, at: now) }) { ["\($0.id)"] }, of: request)
    }
}

/// A rebuild as JSON.
struct RebuildView: Encodable, Sendable {
    let id: Identifier
    let state: String
    let progress: Double
    let records: Int64
    let total: Int64
    let differences: Int64?
    let error: String?
    let startedAt: Timestamp
    let finishedAt: Timestamp?
    /// At the pace so far.
    let remainingSeconds: Int64?

    init(_ rebuild: Rebuild, at now: Timestamp) {
        id = rebuild.id
        state = rebuild.state
        (records, total) = (rebuild.records, max(rebuild.total, rebuild.records))
        progress = rebuild.state == "done" ? 1 : total == 0 ? 0 : Double(records) / Double(total)
        (differences, error) = (rebuild.differences, rebuild.error)
        (startedAt, finishedAt) = (rebuild.startedAt, rebuild.finishedAt)
        let elapsed = max(1, now.milliseconds - startedAt.milliseconds)
        let isRunning = rebuild.state == "running" && records > 0
        remainingSeconds = isRunning ? (total - records) * elapsed / records / 1000 : nil
    }

    enum CodingKeys: String, CodingKey {
        case id, state, progress, records, total, differences, error
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case remainingSeconds = "remaining_seconds"
    }
}
