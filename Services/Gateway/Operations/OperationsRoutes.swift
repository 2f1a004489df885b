import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// What operators see of the stack and of its log, and dead letters sent back; for admins. Payloads are shown to who asks for
/// them, and that is told on `audit-events` first.
struct OperationsRoutes: Sendable {
    /// Until the broker must have an audit entry, in milliseconds.
    static let deliveryTimeout = 3000
    private static let recordLimit = 100

    let access: AdminAccess
    let services: ServiceStates
    let log: LogInspector
    let deadLetters: DeadLetters
    /// Every look at the log blocks.
    let pool: WorkerPool
    let audit: @Sendable (Event) async throws -> Void
    let clock: WallClock
    let logger: Logger

    func add(to router: inout Router) {
        router.get("/v1/admin/services", access.admin(listServices))
        router.get("/v1/admin/topics", access.admin(listTopics))
        router.get("/v1/admin/topics/:topic/records", access.admin(listRecords))
        router.get("/v1/admin/groups", access.admin(listGroups))
        router.get("/v1/admin/dlq", access.admin(listDeadLetters))
        router.post("/v1/admin/dlq/:topic/redrive", access.admin(redrive))
    }

    private struct List<Item: Encodable & Sendable>: Encodable, Sendable {
        var items: [Item]
    }

    @Sendable private func listServices(_ request: Request, _ token: AccessToken) async throws -> Response {
        try Self.answer(List(items: await services.read(on: request.loop)))
    }

    @Sendable private func listTopics(_ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query())
        let name = page.after?.first ?? ""
        let topics = try await inspect { [log] in try log.topics(after: name, limit: page.limit + 1) }
        return try Self.answer(page.page(topics.map(TopicView.init)) { [$0.name] })
    }

    @Sendable private func listGroups(_ request: Request, _ token: AccessToken) async throws -> Response {
        let groups = try await inspect { [log] in try log.groups() }
        return try Self.answer(List(items: groups.map(GroupView.init)))
    }

    // MARK: Records

    @Sendable private func listRecords(_ request: Request, _ token: AccessToken) async throws -> Response {
        let name = request.parameters["topic"] ?? ""
        let ask = try RecordsRequest(try request.query(), limit: Self.recordLimit)
        guard let topic = try await inspect({ [log] in try log.topic(name) }),
            let bounds = topic.partitions.indices.contains(ask.partition) ? topic.partitions[ask.partition] : nil
        else { throw Problem(.notFound) }
        let start = ask.offset ?? max(bounds.lowerBound, bounds.upperBound - Int64(ask.limit))
        guard (bounds.lowerBound...bounds.upperBound).contains(start) else {
            throw Problem.invalid("offset", "from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        let records =
            start == bounds.upperBound
            ? []
            : try await inspect { [log] in
                try log.records(of: name, partition: Int32(ask.partition), from: start, limit: ask.limit)
            }
        if ask.isUnmasked, !records.isEmpty {
            let entry = PayloadsRead(
                userID: token.userID,
                readTopic: name,
                partition: ask.partition,
                offset: start,
                count: records.count,
                timestamp: clock.now
            )
            try await tell(try Event(entry, at: clock.now))
        }
        return try Self.answer(RecordsView(records, from: start, in: bounds, isUnmasked: ask.isUnmasked))
    }

    // MARK: Dead letters

    @Sendable private func listDeadLetters(_ request: Request, _ token: AccessToken) async throws -> Response {
        let topics = try await inspect { [deadLetters] in try deadLetters.topics() }
        // A group's topic is made with the group.
        return try Self.answer(List(items: topics.filter { $0.records > 0 }.map(DeadLetterView.init)))
    }

    private struct Redrive: Codable, Sendable {
        var limit: Int?
    }

    private struct Redriven: Encodable, Sendable {
        var redriven: Int
        var pending: Int64
    }

    @Sendable private func redrive(_ request: Request, _ token: AccessToken) async throws -> Response {
        let topic = request.parameters["topic"] ?? ""
        let limit = try await request.json(Redrive.self).limit ?? DeadLetters.limit
        guard (1...DeadLetters.limit).contains(limit) else {
            throw Problem.invalid("/limit", "a whole number from 1 to \(DeadLetters.limit)")
        }
        let topics = try await inspect { [deadLetters] in try deadLetters.topics() }
        guard topics.contains(where: { $0.topic == topic }) else { throw Problem(.notFound) }
        let entry = DeadLettersRedriven(
            userID: token.userID,
            deadLetters: topic,
            limit: limit,
            timestamp: clock.now
        )
        try await tell(try Event(entry, at: clock.now))
        guard let outcome = try await inspect({ [deadLetters] in try deadLetters.redrive(topic, limit: limit) }) else {
            throw Problem(.notFound)
        }
        return try Self.answer(Redriven(redriven: outcome.sent, pending: outcome.pending))
    }

    // MARK: One look

    private func inspect<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        do {
            return try await pool.run(work)
        } catch let error as EventError {
            logger.warning("the log cannot be read", metadata: ["error": "\(error)"])
            throw Problem(.unavailable, "the broker does not answer", retryAfter: 5)
        }
    }

    private func tell(_ event: Event) async throws {
        do {
            try await audit(event)
        } catch {
            logger.warning("an audit entry was not delivered", metadata: ["error": "\(error)"])
            throw Problem(.unavailable, "the broker did not take the audit entry", retryAfter: 5)
        }
    }

    private static func answer(_ value: some Encodable & Sendable) throws -> Response {
        try .json(value, [.cacheControl: "no-store"])
    }
}
