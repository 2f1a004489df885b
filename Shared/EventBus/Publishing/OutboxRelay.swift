public import Persistence
import Synchronization
import System
public import Telemetry

/// Sends a database's outbox to the broker: woken by each commit, in row order, with the idempotent producer. What has
/// come together goes as one batch, one request a partition, and the next batch when every record of it is reported as
/// delivered: meanwhile rows come together again, so no timer is needed. After a failed report the batch is sent again
/// from its first row, so no later event of a key overtakes. One relay a database.
public final class OutboxRelay: Sendable {
    /// Rows of a batch at most.
    static let batchSize = 512
    /// Delivered rows are deleted together: when so many are, or when nothing else happens for `quietMilliseconds`.
    static let deletionBatch = 256
    static let quietMilliseconds: Int32 = 10
    private static let idleMilliseconds: Int32 = 500
    private static let retryMilliseconds: Int32 = 500
    /// How long one look for reports lasts, while a stop goes unseen.
    private static let reportMilliseconds: Int32 = 100
    private static let learnMilliseconds: Int32 = 1000

    private struct State {
        var underWay = 0
        var failure: EventError?
        var stopDeadline: UInt64?
        var task: Task<Void, Never>?
    }

    /// What only the relay's own thread knows.
    private struct Progress {
        /// Every row up to this one is delivered.
        var delivered: Int64 = 0
        /// Delivered rows that are still in the outbox.
        var undeleted = 0
        var hasTopics = false
        var knownTopics: Set<String> = []
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
        let role = KafkaConfiguration.outboxProducer
        producer = try KafkaProducer(configuration, role: role, hasThread: false, logger: logger)
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

    private var stopDeadline: UInt64? { state.withLock(\.stopDeadline) }

    private func run() async {
        var progress = Progress()
        while true {
            do {
                let isSent = try await send(&progress)
                if let deadline = stopDeadline, isSent || MonotonicClock.nanoseconds > deadline { break }
                if !wake.wait(milliseconds: progress.undeleted > 0 ? Self.quietMilliseconds : Self.idleMilliseconds) {
                    try await deleteDelivered(&progress)
                    producer.poll(milliseconds: 0)
                }
            } catch {
                logger.error("outbox relay", metadata: ["error": "\(error)"])
                if stopDeadline != nil { break }
                _ = wake.wait(milliseconds: Self.retryMilliseconds)
            }
        }
        producer.stop(flushMilliseconds: 0)
        do {
            try await deleteDelivered(&progress)
        } catch {
            logger.warning("delivered rows stay in the outbox and are sent again", metadata: ["error": "\(error)"])
        }
    }

    /// Sends batch after batch. True when nothing is left to send, false when the sending must pause.
    private func send(_ progress: inout Progress) async throws -> Bool {
        guard try await makeTopics(&progress) else { return false }
        while true {
            let rows = try await database.outbox(after: progress.delivered, limit: Self.batchSize)
            guard !rows.isEmpty else { return true }
            let (count, failure) = deliver(rows, &progress)
            if count > 0 {
                progress.delivered = rows[count - 1].id
                progress.undeleted += count
            }
            if progress.undeleted >= Self.deletionBatch { try await deleteDelivered(&progress) }
            if let failure {
                logger.warning("an event was not delivered and is sent again", metadata: ["error": "\(failure)"])
                _ = wake.wait(milliseconds: Self.retryMilliseconds)
                return false
            }
            guard count > 0 else { return false }
        }
    }

    /// False while the broker is away.
    private func makeTopics(_ progress: inout Progress) async throws -> Bool {
        if progress.hasTopics { return true }
        do {
            try await admin.ensure(topics, withinMilliseconds: 0)
        } catch let error as EventError where error.code == .broker {
            logger.info("topics wait for the broker", metadata: ["error": "\(error)"])
            return false
        }
        progress.hasTopics = true
        return true
    }

    /// Hands rows to librdkafka, as many as it has room for, and waits for every report. Says how many were delivered: all
    /// that were handed over, or none when one failed or the time of a stop is over.
    private func deliver(_ rows: [OutboxRow], _ progress: inout Progress) -> (Int, EventError?) {
        var count = 0
        for row in rows {
            learn(row.topic, &progress)
            state.withLock { $0.underWay += 1 }
            do throws(EventError) {
                try producer.produce(Self.message(row)) { [self] in reported($0) }
                count += 1
            } catch {
                state.withLock { state in
                    state.underWay -= 1
                    if error.code != .queueFull { state.failure = state.failure ?? error }
                }
                break
            }
        }
        producer.flush(milliseconds: Self.reportMilliseconds)
        while state.withLock({ $0.underWay > 0 }) {
            // The batch is on its way as far as the broker can be reached; from here on only reports are waited for.
            if let deadline = stopDeadline, MonotonicClock.nanoseconds > deadline { return (0, nil) }
            producer.poll(milliseconds: Self.reportMilliseconds)
        }
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        return (failure == nil ? count : 0, failure)
    }

    private func learn(_ topic: String, _ progress: inout Progress) {
        guard progress.knownTopics.insert(topic).inserted else { return }
        do throws(EventError) {
            try producer.learn(topic, withinMilliseconds: Self.learnMilliseconds)
        } catch {
            logger.info("librdkafka will ask again", metadata: ["error": "\(error)"])
        }
    }

    private static func message(_ row: OutboxRow) -> ProducerMessage {
        var headers = row.headers.map { EventHeader($0.name, $0.value) }
        headers.append(EventHeader(HeaderName.position, String(row.id)))
        return ProducerMessage(topic: row.topic, key: row.aggregateID, headers: headers, value: row.payload)
    }

    private func reported(_ result: Result<Int64, EventError>) {
        state.withLock { state in
            state.underWay -= 1
            if case .failure(let error) = result { state.failure = state.failure ?? error }
        }
    }

    private func deleteDelivered(_ progress: inout Progress) async throws {
        guard progress.undeleted > 0 else { return }
        let last = progress.delivered
        try await database.write(priority: .background) { try $0.deleteFromOutbox(through: last) }
        progress.undeleted = 0
    }
}
