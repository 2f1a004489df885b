public import Persistence
import Synchronization
public import System
public import Telemetry

/// What a handler throws when the same event may succeed in a moment: a peer is down, a parent has not been seen yet.
/// It is tried again with back-off, `EventConsumer.maximumAttempts` times, and is a failure then.
public struct TransientFailure: Error, Sendable, CustomStringConvertible {
    /// What is awaited, for logs.
    public let description: String

    /// Makes a failure that passes.
    public init(_ description: String) { self.description = description }
}

/// Consumes topics as a group: up to `batchSize` records take effect in one transaction with their inbox rows and offsets,
/// so an event takes effect once. Offsets are the database's; the broker's are a mirror.
///
/// The handler runs on the database's writer thread (at most 50 ms, no I/O) and publishes through its transaction. What it
/// throws undoes the event: `TransientFailure` and a busy database are tried again, anything else sends the record to
/// `<topic>.<group>.dlq` and the partition goes on, or halts the consumer when it is told so.
public final class EventConsumer: Sendable {
    /// Applies one event.
    public typealias Handler = @Sendable (Event, borrowing Transaction) throws -> Void
    /// Applies a batch of events, in the order of their logs. What it throws undoes all of it; the batch is then applied in
    /// parts, down to the one event that fails. Nothing keeps events that come twice from it.
    public typealias BatchHandler = @Sendable ([Delivery], borrowing Transaction) throws -> Void

    /// An event and its place in the log.
    public struct Delivery: Sendable {
        /// The event.
        public let event: Event
        /// Where it lies.
        public let position: EventPosition
    }

    enum Effect: Sendable {
        case each(Handler)
        case batch(BatchHandler)
    }

    /// What becomes of a record that cannot be decoded or handled.
    public enum FailurePolicy: Sendable {
        /// It goes to the dead letters.
        case deadLetter
        /// The consumer stops before it and waits for a person.
        case halt
    }

    /// Records in one transaction at most.
    public static let batchSize = 64
    /// Tries of one record while the cause may pass.
    public static let maximumAttempts = 8

    /// What is consumed and how; a value, so services list their consumers as a table.
    public struct Configuration: Sendable {
        /// The group, such as `notification`.
        public var group: String
        /// The topics, as their producers declare them.
        public var topics: [Topic]
        /// What becomes of a record that fails.
        public var failurePolicy: FailurePolicy
        /// The name under which the database keeps the places: the group's, unless something is built anew beside it.
        public var places: String
        /// Records in one transaction at most.
        public var batchSize = EventConsumer.batchSize
        /// Types of events that the handler does nothing about: they cost no transaction of their own.
        public var ignored: Set<String> = []
        /// Whether this process reads every partition without joining the group: who is alone needs nobody's assignment.
        public var isAlone = false

        /// A group and its topics.
        public init(group: String, topics: [Topic], failurePolicy: FailurePolicy = .deadLetter) {
            self.group = group
            self.topics = topics
            self.failurePolicy = failurePolicy
            places = group
        }
    }

    let configuration: Configuration
    let database: Database
    let logger: Logger
    let clock: WallClock
    let effect: Effect
    let topics: [String: Topic]
    let consumed: Counter
    let deadLetters: Counter
    let wake: Wake
    let positions: AppliedPositions
    let kafka: KafkaConfiguration
    private let state = Mutex(State())
    private let stopping = Atomic<Bool>(false)
    /// When the places were last kept, on the monotonic clock.
    let keptAt = Atomic<UInt64>(0)

    private struct State {
        var task: Task<Void, Never>?
        var isCaughtUp = false
        var failure: EventError?
        var start = Start()
    }

    /// Makes a consumer; nothing is read before `start`. `positions` is told what it has applied.
    public convenience init(
        _ configuration: Configuration,
        database: Database,
        kafka: KafkaConfiguration,
        logger: Logger,
        clock: WallClock = .system,
        positions: AppliedPositions = AppliedPositions(),
        handler: @escaping Handler
    ) throws {
        try self.init(configuration, database, kafka, logger, clock, positions, .each(handler))
    }

    /// Makes a consumer that applies events in batches.
    public convenience init(
        _ configuration: Configuration,
        database: Database,
        kafka: KafkaConfiguration,
        logger: Logger,
        clock: WallClock = .system,
        positions: AppliedPositions = AppliedPositions(),
        batchHandler: @escaping BatchHandler
    ) throws {
        try self.init(configuration, database, kafka, logger, clock, positions, .batch(batchHandler))
    }

    private init(
        _ configuration: Configuration,
        _ database: Database,
        _ kafka: KafkaConfiguration,
        _ logger: Logger,
        _ clock: WallClock,
        _ positions: AppliedPositions,
        _ effect: Effect
    ) throws {
        self.configuration = configuration
        self.database = database
        self.kafka = kafka
        self.clock = clock
        self.positions = positions
        self.effect = effect
        self.wake = try Wake()
        var logger = logger
        logger[metadataKey: "group"] = "\(configuration.group)"
        self.logger = logger
        let labels = ["group": configuration.group]
        consumed = MetricRegistry.shared.counter("messaging.client.consumed.messages", labels: labels)
        deadLetters = MetricRegistry.shared.counter("eventbus.dead_letters", labels: labels)
        let redrive = configuration.topics.map { $0.redrive(of: configuration.group) }
        let all = configuration.failurePolicy == .deadLetter ? configuration.topics + redrive : configuration.topics
        topics = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        positions.add(group: configuration.group, topics: configuration.topics.map(\.name))
    }

    /// How a consumer begins, and who is told of it. The closures are called once at most, on the consumer's thread.
    public struct Start: Sendable {
        /// Whether to find the group's places on another cluster than theirs (`--adopt-cluster`, after a drained stop).
        public var adoptsCluster = false
        /// The cluster is the one of the stored offsets, and has the topics.
        public var opened: @Sendable () -> Void = {}
        /// The consumer has ended by itself; see ``failure``.
        public var ended: @Sendable (EventError) -> Void = { _ in }

        /// The default: another cluster is refused.
        public init() {}
    }

    /// Begins to consume on a thread of its own; a broker that is down is waited for.
    public func start(_ start: Start = Start()) throws {
        state.withLock { $0.start = start }
        let task = try ThreadExecutor.run(name: "consume-\(configuration.group)") { [self] in await run() }
        state.withLock { $0.task = task }
    }

    /// Ends after the transaction under way, tells the broker where the group is and returns then.
    public func stop() async {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        await state.withLock(\.task)?.value
    }

    /// The group it consumes as.
    public var group: String { configuration.group }

    /// Whether everything that was in the topics has been applied once since the start.
    public var isCaughtUp: Bool { state.withLock(\.isCaughtUp) }

    /// Why the consumer has ended by itself: `otherCluster`, `partitionCount`, `gap` or `halted`; nil while it runs.
    public var failure: EventError? { state.withLock(\.failure) }

    func caughtUp() { state.withLock { $0.isCaughtUp = true } }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func run() async {
        let (group, places) = (configuration.group, configuration.places)
        while !isStopping {
            do {
                positions.advance(group, to: try await database.read { try $0.appliedPositions(group: places) })
                try await consume()
            } catch {
                let failure = error as? EventError ?? EventError(.halted, "\(error)")
                guard failure.code == .broker else {
                    logger.critical("the consumer has stopped", metadata: ["error": "\(failure)"])
                    state.withLock { state in
                        state.failure = failure
                        return state.start.ended
                    }(failure)
                    return
                }
                logger.error("the consumer starts anew", metadata: ["error": "\(failure)"])
                _ = wake.wait(milliseconds: 1000)
            }
        }
    }

    /// From a new client to the stop or the first error.
    private func consume() async throws {
        let isAlone = configuration.isAlone
        let consumer =
            isAlone
            ? try KafkaConsumer(kafka, member: configuration.group, logger: logger)
            : try KafkaConsumer(kafka, group: configuration.group, logger: logger)
        defer { consumer.close() }
        guard let cluster = try await openSession(consumer) else { return }
        if !isAlone { try consumer.subscribe(to: topics.keys.sorted()) }
        var loop = ConsumerLoop(owner: self, cluster: cluster, consumer: consumer)
        if isAlone { try await loop.assign(allPartitions) }
        try await loop.run()
    }

    private var allPartitions: KafkaPartitions {
        KafkaPartitions(
            topics.values.sorted { $0.name < $1.name }.flatMap { topic in
                (0..<Int32(clamping: topic.partitions)).map { (topic.name, $0, 0) }
            }
        )
    }

    /// Waits for the broker, makes missing topics and checks the cluster. Nil when stopped meanwhile.
    private func openSession(_ consumer: KafkaConsumer) async throws -> String? {
        var wanted = Array(topics.values)
        if configuration.failurePolicy == .deadLetter {
            wanted += configuration.topics.map { $0.deadLetters(of: configuration.group) }
        }
        while !isStopping {
            if let cluster = consumer.client.clusterID(timeoutMilliseconds: 1000) {
                let problem = try consumer.client.ensureOrReason(
                    wanted,
                    copies: kafka.copies,
                    timeoutMilliseconds: 5000
                )
                if let problem {
                    logger.warning("topics", metadata: ["error": "\(problem)"])
                } else {
                    try await check(cluster)
                    state.withLock { state in
                        defer { state.start.opened = {} }
                        return state.start.opened
                    }()
                    return cluster
                }
            }
            _ = wake.wait(milliseconds: 200)
        }
        return nil
    }

    private func check(_ cluster: String) async throws {
        let (group, places) = (configuration.group, configuration.places)
        let known = try await database.read { try $0.offsetClusters(group: places) }
        let others = known.filter { $0 != cluster }
        guard let other = others.first else { return }
        guard state.withLock(\.start.adoptsCluster) else {
            throw EventError(
                .otherCluster,
                "\(group) has offsets of cluster \(other), this is \(cluster); --adopt-cluster after a drained stop"
            )
        }
        try await ClusterAdoption(owner: self, cluster: cluster).run(others)
    }
}
