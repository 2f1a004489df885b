import Contracts
import EventBus
import System
import Telemetry

/// Sends the process's spans to `trace-spans`, as far as the rate of ``SpanSink`` and a bounded queue go.
final class SpanExporter: Sendable {
    private let producer: LossyProducer

    /// Begins to send; `name` is the service's.
    init(_ name: String, kafka: KafkaConfiguration, logger: Logger) throws {
        let producer = try LossyProducer(kafka, logger: logger)
        self.producer = producer
        SpanSink.shared.install { span in
            let payload = TraceSpan(
                traceID: span.context.traceID,
                spanID: span.context.spanID,
                parentID: span.parentID,
                kind: span.kind.rawValue,
                service: name,
                name: span.name,
                status: span.status.map(Int64.init),
                eventID: span.eventID,
                durationMicroseconds: span.durationMicroseconds,
                timestamp: span.start
            )
            guard let event = try? Event(payload, at: span.start, source: "/\(name)") else { return }
            producer.send(event)
        }
    }

    /// Sends what is queued. Blocks for a moment.
    func stop() {
        SpanSink.shared.install(nil)
        producer.stop(flushMilliseconds: 200)
    }
}
