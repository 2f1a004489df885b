public import Persistence
import Synchronization
import System
public import Telemetry

/// Sends a database's outbox to the broker: woken by each commit, in row order, with the idempotent producer; a row goes
/// when its delivery is reported. A failed report stops the sending, and it starts again at the lowest unsent row, so no
/// later event of a key overtakes. One relay a database.
public final class OutboxRelay: Sendable {
    /// Records under way at most.
    static let window = 1000
    /// Rows read from the outbox at once.
    static let pageSize = 256
    /// Delivered rows are deleted together: when so many are, or when nothing else happens for `quietMilliseconds`.
    static let deletionBatch = 128
    static let quietMilliseconds: Int32 = 10
    private static let idleMilliseconds: Int32 = 500
    private static let retryMilliseconds: Int32 = 500

    private struct State {
        var cursor: Int64 = 0
        var underWay = 0
        var delivered: [Int64] = []
        var hasTopics = false
        var failure: EventError?
        var stopDeadline: UInt64?
        var task: Task<Void, Never>?
    }

    private let database: Database
    private let topics: [Topic]
    private let admin: TopicAdmin
    private let producer: KafkaProducer
    private let logger: Logger
    private let wake: Wake
    private let state = Mutex(State())

    /// Makes the producer; nothing is sent before `start`, nor before `topics` exist as declared: a broker that made one
    /// by itself would give it another partition count.
    ///
    /// - Throws: `EventError` when librdkafka refuses the configuration.
    public init(
        database: Database,
        topics: [Topic] = [],
        configuration: KafkaConfiguration,
        logger: Logger
    ) throws {
        self.database = database
        self.topics = topics
        self.admin = TopicAdmin(configuration, logger: logger)
        self.logger = logger
        wake = try Wake()
        producer = try KafkaProducer(configuration, role: KafkaConfiguration.reliableProducer, logger: logger)
    }

    /// Begins to send, what was left by the last run first.
    public func start() throws {
        database.onOutboxAppend { [wake] in wake.signal() }
        let task = try ThreadExecutor.run(name: "outbox-relay") { [self] in await run() }
        state.withLock { $0.task = task }
    }

    /// Sends what is in the outbox within the time, then ends. What is left is sent after the next start.
    public func stop(withinMilliseconds milliseconds: Int = 5000) async {
        let task = state.withLock { state -> Task<Void, Never>? in
            state.stopDeadline = MonotonicClock.nanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
            return state.task
        }
        wake.signal()
        await task?.value
    }

    private func run() async {
        while true {
            do {
                let isIdle = try await send()
                try await deleteDelivered(atLeast: Self.deletionBatch)
                let deadline = state.withLock { $0.stopDeadline }
                if let deadline, isIdle || MonotonicClock.nanoseconds > deadline { break }
                let hasDelivered = state.withLock { !$0.delivered.isEmpty }
                if !wake.wait(milliseconds: hasDelivered ? Self.quietMilliseconds : Self.idleMilliseconds) {
                    try await deleteDelivered(atLeast: 1)
                }
            } catch {
                logger.error("outbox relay", metadata: ["error": "\(error)"])
                if state.withLock({ $0.stopDeadline != nil }) { break }
                _ = wake.wait(milliseconds: Self.retryMilliseconds)
            }
        }
        producer.stop(flushMilliseconds: 0)
        do {
            try await deleteDelivered(atLeast: 1)
        } catch {
            logger.warning("delivered rows stay in the outbox and are sent again", metadata: ["error": "\(error)"])
        }
    }

    /// Sends what fits into the window. True when nothing is left to send and nothing is under way.
    private func send() async throws -> Bool {
        guard try await makeTopics(), recover() else { return false }
        while true {
            let (cursor, room) = state.withLock { ($0.cursor, Self.window - $0.underWay) }
            guard room > 0 else { return false }
            let limit = min(room, Self.pageSize)
            let rows = try await database.read { try $0.outbox(after: cursor, limit: limit) }
            if rows.isEmpty { return state.withLock { $0.underWay == 0 } }
            for row in rows {
                guard try produce(row) else { return false }
            }
        }
    }

    /// False while the broker is away.
    private func makeTopics() async throws -> Bool {
        if state.withLock({ $0.hasTopics }) { return true }
        do {
            try await admin.ensure(topics, withinMilliseconds: 0)
        } catch let error as EventError where error.code == .broker {
            logger.info("topics wait for the broker", metadata: ["error": "\(error)"])
            return false
        }
        state.withLock { $0.hasTopics = true }
        return true
    }

    /// After a failed report: waits until nothing is under way, then starts again at the lowest unsent row.
    private func recover() -> Bool {
        let failure = state.withLock { state -> EventError? in
            guard let failure = state.failure, state.underWay == 0 else { return nil }
            state.failure = nil
            // Rows that were delivered but not deleted yet are sent a second time; inboxes drop them.
            state.cursor = 0
            return failure
        }
        if let failure {
            logger.warning("an event was not delivered and is sent again", metadata: ["error": "\(failure)"])
            _ = wake.wait(milliseconds: Self.retryMilliseconds)
        }
        return state.withLock { $0.failure == nil }
    }

    /// False when the sending must pause.
    private func produce(_ row: OutboxRow) throws -> Bool {
        var headers = row.headers.map { EventHeader($0.name, $0.value) }
        headers.append(EventHeader(HeaderName.position, String(row.id)))
        let message = ProducerMessage(
            topic: row.topic,
            key: row.aggregateID,
            headers: headers,
            value: row.payload
        )
        let id = row.id
        let mayGoOn = state.withLock { state in
            guard state.failure == nil else { return false }
            state.underWay += 1
            return true
        }
        guard mayGoOn else { return false }
        do {
            try producer.produce(message) { [self] result in
                reported(id, result)
            }
        } catch {
            state.withLock { state in
                state.underWay -= 1
                if error.code != .queueFull { state.failure = error }
            }
            return false
        }
        state.withLock { $0.cursor = id }
        return true
    }

    private func reported(_ id: Int64, _ result: Result<Int64, EventError>) {
        state.withLock { state in
            state.underWay -= 1
            switch result {
            case .success: state.delivered.append(id)
            case .failure(let error): state.failure = state.failure ?? error
            }
        }
        wake.signal()
    }

    private func deleteDelivered(atLeast minimum: Int) async throws {
        let ids = state.withLock { state -> [Int64] in
            guard state.delivered.count >= minimum else { return [] }
            defer { state.delivered = [] }
            return state.delivered
        }
        guard !ids.isEmpty else { return }
        do {
            try await database.write(priority: .background) { try $0.deleteFromOutbox(ids) }
        } catch {
            state.withLock { $0.delivered += ids }
            throw error
        }
    }
}
