import Synchronization
public import Telemetry

/// Sends events without an outbox and waits for their delivery: only for what is written to the log first
/// (`chat-messages`, `policy-events`). Idempotent, acknowledged by all.
public final class EventProducer: Sendable {
    private let producer: KafkaProducer

    /// - Throws: `EventError` when librdkafka refuses the configuration.
    public init(_ configuration: KafkaConfiguration, logger: Logger) throws {
        producer = try KafkaProducer(configuration, role: KafkaConfiguration.reliableProducer, logger: logger)
    }

    /// Sends an event and returns its offset when the broker has it. With the broker away it waits for it: callers put
    /// a deadline around it.
    ///
    /// - Throws: `queueFull`, `closed` or `broker`.
    @discardableResult
    public func send(_ event: Event) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try producer.produce(ProducerMessage(event)) { continuation.resume(with: $0) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Sends what is queued within the time, then closes. Blocks: not on an event loop.
    public func stop(flushMilliseconds: Int = 5000) {
        producer.stop(flushMilliseconds: flushMilliseconds)
    }
}

/// Sends events that may be lost (`gateway-requests`, `trace-spans`, `presence-events`): never waits, never fails; what
/// does not fit into its bounded queue is counted and dropped.
public final class LossyProducer: Sendable {
    private let producer: KafkaProducer
    private let dropped = Atomic<UInt64>(0)

    /// - Throws: `EventError` when librdkafka refuses the configuration.
    public init(_ configuration: KafkaConfiguration, logger: Logger) throws {
        producer = try KafkaProducer(configuration, role: KafkaConfiguration.lossyProducer, logger: logger)
    }

    /// Hands an event over; any thread.
    public func send(_ event: Event) {
        do throws(EventError) {
            try producer.produce(ProducerMessage(event))
        } catch {
            dropped.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// Events that were dropped because the queue was full.
    public var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }

    /// Sends what is queued within the time, then closes. Blocks: not on an event loop.
    public func stop(flushMilliseconds: Int = 1000) {
        producer.stop(flushMilliseconds: flushMilliseconds)
    }
}

extension ProducerMessage {
    init(_ event: Event) {
        self.init(topic: event.topic, key: Array(event.key.utf8), headers: event.headers, value: event.value)
    }
}
