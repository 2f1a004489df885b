import Synchronization
public import System
public import Telemetry

/// Reads every partition of some topics without a group: each process sees every event. Nothing is stored, so a restart
/// begins anew at the given start.
///
/// The handler runs on the consumer's thread, in order within a partition; it must be quick, and hops to event loops or
/// keeps what it gets under a lock. Records that are no events are logged and skipped.
public final class BroadcastConsumer: Sendable {
    /// Gets each event and its place in the log.
    public typealias Handler = @Sendable (Event, EventPosition) -> Void

    /// Where to begin.
    public enum Start: Sendable {
        /// With what comes after the start.
        case end
        /// With the first record at or after a time.
        case time(Timestamp)
        /// With the first record that the log still holds.
        case beginning
    }

    private static let pollMilliseconds: Int32 = 100
    private static let retryMilliseconds: Int32 = 200
    /// How often the ends of the logs are asked for when nothing else comes, how long that may be put off while records
    /// come, and how long the answer may take.
    private static let probeNanoseconds: UInt64 = 3_000_000_000
    private static let latestProbeNanoseconds: UInt64 = 6_000_000_000
    private static let probeTimeoutMilliseconds: Int32 = 1000

    private let topics: [Topic]
    private let types: Set<String>?
    private let start: Start
    private let kafka: KafkaConfiguration
    private let logger: Logger
    private let handler: Handler
    private let wake: Wake
    private let stopping = Atomic<Bool>(false)
    private let caughtUp = Atomic<Bool>(false)
    private let connected = Atomic<Bool>(false)
    private let wholeAt = Atomic<UInt64>(MonotonicClock.nanoseconds)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Makes a consumer; nothing is read before `start`. Events of other `types` are skipped; nil wants all.
    public init(
        topics: [Topic],
        types: Set<String>? = nil,
        from start: Start,
        kafka: KafkaConfiguration,
        logger: Logger,
        handler: @escaping Handler
    ) throws {
        self.topics = topics
        self.types = types
        self.start = start
        self.kafka = kafka
        self.logger = logger
        self.handler = handler
        self.wake = try Wake()
    }

    /// Begins to read on a thread of its own; a broker that is down is waited for.
    public func run() throws {
        let started = try ThreadExecutor.run(name: "broadcast") { [self] in serve() }
        task.withLock { $0 = started }
    }

    /// Ends the reading and returns then.
    public func stop() async {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        await task.withLock(\.self)?.value
    }

    /// Whether everything that was in the topics at the start has been handled; stays true when the feed is lost later.
    public var isCaughtUp: Bool { caughtUp.load(ordering: .acquiring) }

    /// Whether the broker answered when it was asked last, a few seconds ago.
    public var isConnected: Bool { connected.load(ordering: .relaxed) }

    /// For how long something may be in the topics that has not been handled here: a few seconds while the feed is alive,
    /// and growing while it is not.
    public var silence: Duration {
        let whole = wholeAt.load(ordering: .relaxed)
        let now = MonotonicClock.nanoseconds
        return .nanoseconds(now > whole ? now - whole : 0)
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func serve() {
        do {
            let consumer = try KafkaConsumer(kafka, group: nil, logger: logger)
            defer { consumer.close() }
            guard let start = begin(consumer) else { return }
            read(consumer, start)
        } catch {
            logger.critical("no broadcast consumer", metadata: ["error": "\(error)"])
        }
    }

    /// Waits for the broker and assigns all partitions, from the offsets it returns. Nil when stopped meanwhile.
    private func begin(_ consumer: KafkaConsumer) -> KafkaPartitions? {
        while !isStopping {
            do throws(EventError) {
                try consumer.client.ensure(topics, copies: kafka.copies, timeoutMilliseconds: 5000)
                let partitions = try startPositions(consumer)
                try consumer.assign(partitions)
                return partitions
            } catch {
                logger.warning("broadcast consumer", metadata: ["error": "\(error)"])
                _ = wake.wait(milliseconds: Self.retryMilliseconds)
            }
        }
        return nil
    }

    private func startPositions(_ consumer: KafkaConsumer) throws(EventError) -> KafkaPartitions {
        var partitions = KafkaPartitions([])
        for topic in topics {
            for partition in 0..<Int32(clamping: topic.partitions) {
                partitions.elements.append((topic.name, partition, -1))
            }
        }
        if case .time(let time) = start {
            partitions = try consumer.offsets(
                at: time.milliseconds,
                of: partitions,
                timeoutMilliseconds: Self.probeTimeoutMilliseconds
            )
        }
        let log =
            if case .beginning = start {
                try consumer.starts(of: partitions, timeoutMilliseconds: Self.probeTimeoutMilliseconds).offsets
            } else {
                try consumer.ends(of: partitions, timeoutMilliseconds: Self.probeTimeoutMilliseconds).offsets
            }
        for index in partitions.elements.indices where partitions.elements[index].offset < 0 {
            let element = partitions.elements[index]
            partitions.elements[index].offset = log[.init(topic: element.topic, partition: element.partition)] ?? 0
        }
        return partitions
    }

    private func read(_ consumer: KafkaConsumer, _ start: KafkaPartitions) {
        var progress = FeedProgress(from: start.offsets)
        var notAtEnd = Set(start.offsets.keys)
        var probedAt: UInt64 = 0
        while !isStopping {
            let polled = consumer.poll(milliseconds: Self.pollMilliseconds)
            switch polled {
            case .record(let record):
                handle(record)
                progress.handled(.init(topic: record.topic, partition: record.partition), before: record.offset + 1)
            case .end(let topic, let partition, let offset):
                let place = EventPosition.Partition(topic: topic, partition: partition)
                progress.handled(place, before: offset)
                notAtEnd.remove(place)
                if notAtEnd.isEmpty { caughtUp.store(true, ordering: .releasing) }
            case .outOfRange(let topic, let partition):
                logger.error("the broadcast lost its place", metadata: ["partition": "\(topic) [\(partition)]"])
                guard let start = begin(consumer) else { return }
                progress = FeedProgress(from: start.offsets)
            case .error(let text): logger.debug("consumer", metadata: ["error": "\(text)"])
            case nil: break
            }
            // The answer comes behind that of the fetch which waits for records: asked between two records, it would hold up
            // the second for as long as a fetch may wait.
            let pause = polled == nil ? Self.probeNanoseconds : Self.latestProbeNanoseconds
            if MonotonicClock.nanoseconds - probedAt >= pause {
                probe(consumer, start, &progress)
                probedAt = MonotonicClock.nanoseconds
            }
            if let instant = progress.caughtUp { wholeAt.store(instant, ordering: .relaxed) }
        }
    }

    /// Asks where the logs end.
    private func probe(_ consumer: KafkaConsumer, _ partitions: KafkaPartitions, _ progress: inout FeedProgress) {
        let now = MonotonicClock.nanoseconds
        do throws(EventError) {
            let ends = try consumer.ends(of: partitions, timeoutMilliseconds: Self.probeTimeoutMilliseconds)
            progress.ask(at: now, ends: ends.offsets)
            if !connected.exchange(true, ordering: .relaxed) { logger.info("the broadcast is alive") }
        } catch {
            if connected.exchange(false, ordering: .relaxed) {
                logger.warning("the broadcast hears nothing", metadata: ["error": "\(error)"])
            }
        }
    }

    private func handle(_ record: KafkaRecord) {
        if let types, let type = record.type, !types.contains(type) { return }
        do throws(EventError) {
            let event = try Event(
                topic: record.topic,
                key: record.key,
                headers: record.headers,
                value: record.value
            )
            handler(event, EventPosition(record))
        } catch {
            let place = "\(record.topic) [\(record.partition)] at \(record.offset)"
            logger.warning("a record is no event", metadata: ["record": "\(place)", "error": "\(error)"])
        }
    }
}
