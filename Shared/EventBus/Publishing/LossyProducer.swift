import Synchronization
public import Telemetry

/// Sends events that may be lost (`gateway-requests`, `trace-spans`, `presence-events`): never waits, never fails. What
/// does not fit into its queue, bounded in records and bytes, is dropped, and every lost event is counted. Any thread.
public final class LossyProducer: Sendable {
    private let producer: KafkaProducer
    private let dropped = Atomic<UInt64>(0)
    private let undelivered = Atomic<UInt64>(0)
    private let droppedCounter: Counter
    private let undeliveredCounter: Counter

    /// Events of a queue are kept for `milliseconds` while the broker is away; 0 is for as long as there is room.
    ///
    /// - Throws: `EventError` when librdkafka refuses the configuration.
    public init(
        _ configuration: KafkaConfiguration,
        keepsFor milliseconds: Int = 10_000,
        metrics: MetricRegistry = .shared,
        logger: Logger
    ) throws {
        var role = KafkaConfiguration.lossyProducer
        role["message.timeout.ms"] = String(milliseconds)
        producer = try KafkaProducer(configuration, role: role, logger: logger)
        func counter(_ reason: String) -> Counter {
            metrics.counter(
                "eventbus.lost.events",
                help: "Events that may be lost and were",
                labels: ["reason": reason]
            )
        }
        (droppedCounter, undeliveredCounter) = (counter("queue_full"), counter("undelivered"))
    }

    /// Hands an event over; false when it was dropped at once.
    @discardableResult
    public func send(_ event: Event) -> Bool {
        do throws(EventError) {
            try producer.produce(ProducerMessage(event)) { [self] result in
                guard case .failure = result else { return }
                undelivered.wrappingAdd(1, ordering: .relaxed)
                undeliveredCounter.increment()
            }
            return true
        } catch {
            dropped.wrappingAdd(1, ordering: .relaxed)
            droppedCounter.increment()
            return false
        }
    }

    /// Events that were dropped at once: the queue was full, or the producer is closed.
    public var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }

    /// Events that were queued and given up later.
    public var undeliveredCount: UInt64 { undelivered.load(ordering: .relaxed) }

    /// Sends what is queued within the time, then closes. Blocks: not on an event loop.
    public func stop(flushMilliseconds: Int = 1000) {
        producer.stop(flushMilliseconds: flushMilliseconds)
    }
}
