public import Telemetry

/// Sends events without an outbox and waits for their delivery: only for what is written to the log first
/// (`chat-messages`, `policy-events`). Idempotent, acknowledged by all.
public final class EventProducer: Sendable {
    private let producer: KafkaProducer

    /// With `givesUpAfter` milliseconds an event that was not delivered by then fails and is not sent any more; without,
    /// the broker is waited for as long as it takes.
    ///
    /// - Throws: `EventError` when librdkafka refuses the configuration.
    public init(_ configuration: KafkaConfiguration, givesUpAfter milliseconds: Int = 0, logger: Logger) throws {
        var role = KafkaConfiguration.reliableProducer
        role["message.timeout.ms"] = String(milliseconds)
        producer = try KafkaProducer(configuration, role: role, logger: logger)
    }

    /// Sends an event and returns its offset when the broker has it. With the broker away it waits for it, as long as the
    /// initializer said.
    ///
    /// - Throws: `queueFull`, `closed` or `broker`.
    @discardableResult
    public func send(_ event: Event) async throws -> Int64 { try await send(ProducerMessage(event)) }

    /// Sends an event; `completion` is told, on the producer's thread, its offset or why it was not delivered. It must be
    /// quick, and is called exactly once unless this throws.
    ///
    /// - Throws: `queueFull`, `closed` or `broker`: nothing was sent.
    public func send(
        _ event: Event,
        completion: @escaping @Sendable (Result<Int64, EventError>) -> Void
    ) throws(EventError) {
        try producer.produce(ProducerMessage(event), completion: completion)
    }

    @discardableResult
    func send(_ message: ProducerMessage) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try producer.produce(message) { continuation.resume(with: $0) }
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

extension ProducerMessage {
    init(_ event: Event) {
        self.init(topic: event.topic, key: Array(event.key.utf8), headers: event.headers, value: event.value)
    }
}
