import Contracts
import EventBus
import Persistence
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

/// Compares the counter of every target with its rows and with a replay of the whole log, while likes go on: rows and counter
/// are read together, and the log is replayed to the version that the counter had then.
final class LikeAudit: Sendable {
    /// How long the outbox, and then the replay, may take.
    static let timeout = Duration.seconds(30)
    private static let pollInterval = Duration.milliseconds(20)

    private let database: Database
    private let kafka: KafkaConfiguration
    private let logger: Logger
    private let isRunning = Atomic(false)

    init(database: Database, kafka: KafkaConfiguration, logger: Logger) {
        self.database = database
        self.kafka = kafka
        self.logger = logger
    }

    /// One audit at a time. On an event loop. Throws ``Problem`` `unavailable` while another runs, or when the log cannot be
    /// read in time.
    func run(on loop: EventLoop) async throws -> LikeAuditReport {
        guard !isRunning.exchange(true, ordering: .acquiring) else {
            throw Problem(.unavailable, "another audit is running", retryAfter: 5)
        }
        defer { isRunning.store(false, ordering: .releasing) }
        var counted: [Identifier: CountedTarget] = [:]
        var last: Identifier?
        repeat {
            let after = last
            let (targets, next) = try await database.read { try $0.countedTargets(after: after) }
            counted.merge(targets) { $1 }
            last = next
        } while last != nil
        try await sendOutbox(on: loop)
        let (ledger, position) = try await replay(upTo: counted.mapValues(\.version), on: loop)
        let others = Array(ledger.others)
        let lost = try await database.read { connection in try others.filter { try !connection.hasCounter($0) } }
        return LikeAuditReport(counted, ledger, lost: lost, position)
    }

    /// Waits until the log has all that was published so far.
    private func sendOutbox(on loop: EventLoop) async throws {
        let end = try await database.read { try $0.lastOutboxRow() }
        let deadline = loop.deadline(after: Self.timeout)
        while try await database.read({ try $0.hasOutboxRow(upTo: end) }) {
            guard loop.now < deadline.nanoseconds else { throw Self.unreadable }
            try await loop.sleep(for: Self.pollInterval)
        }
    }

    /// The log from its first record to the last there is now, and how far that is.
    private func replay(
        upTo ends: [Identifier: Int64],
        on loop: EventLoop
    ) async throws -> (LikeLedger, [String: Int64]) {
        let replay = Replay(LikeLedger(upTo: ends))
        let reader = try BroadcastConsumer(
            topics: [.likeEvents],
            from: .beginning,
            kafka: kafka,
            logger: logger,
            handler: replay.take
        )
        try reader.run()
        let deadline = loop.deadline(after: Self.timeout)
        var isWhole = reader.isCaughtUp
        while !isWhole, loop.now < deadline.nanoseconds {
            do {
                try await loop.sleep(for: Self.pollInterval)
            } catch {
                await reader.stop()
                throw error
            }
            isWhole = reader.isCaughtUp
        }
        await reader.stop()
        guard isWhole else { throw Self.unreadable }
        return replay.state.withLock { ($0.ledger, $0.position) }
    }

    private static var unreadable: Problem { Problem(.unavailable, "the log cannot be read now", retryAfter: 5) }

    /// A ledger that the reader's thread fills.
    private final class Replay: Sendable {
        struct State {
            var ledger: LikeLedger
            var position: [String: Int64] = [:]
        }

        let state: Mutex<State>

        init(_ ledger: LikeLedger) {
            state = Mutex(State(ledger: ledger))
        }

        @Sendable func take(_ event: Event, _ place: EventPosition) {
            let entry = LikeLedger.Entry(event)
            state.withLock { state in
                state.position["\(place.partition.topic)-\(place.partition.partition)"] = place.offset + 1
                if let entry { state.ledger.apply(entry) }
            }
        }
    }
}

extension LikeLedger.Entry {
    /// Nil for an event that is about no target.
    init?(_ event: Event) {
        guard let target = Identifier(event.key) else { return nil }
        self.init(target: target, kind: Kind(event), version: event.sequence ?? 0)
    }
}

extension LikeLedger.Entry.Kind {
    init(_ event: Event) {
        let kind: Self? =
            switch event.type {
            case LikeAdded.type: (try? event.decode(LikeAdded.self)).map { .added($0.userID) }
            case LikeRemoved.type: (try? event.decode(LikeRemoved.self)).map { .removed($0.userID) }
            case LikeCountsReported.type:
                (try? event.decode(LikeCountsReported.self)).map { .reported(count: $0.count) }
            default: nil
            }
        self = kind ?? .unreadable
    }
}
