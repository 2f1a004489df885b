public import Persistence
import System
import Telemetry

extension Transaction {
    /// Publishes an event with the state that it tells of: it is sent after this transaction is durable, in order, and
    /// never when the transaction is undone.
    public borrowing func publish(_ event: Event) throws {
        var event = event
        if event.traceparent == nil { event.traceparent = trace?.traceparent }
        let row = OutboxRow(
            eventID: event.id,
            topic: event.topic,
            aggregateType: String(event.type.prefix { $0 != "." }),
            aggregateID: Array(event.key.utf8),
            type: event.type,
            payload: event.value,
            headers: event.headers.map { OutboxHeader($0.name, $0.value) }
        )
        let size = row.headers.reduce(row.payload?.count ?? 0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
        guard size <= Event.maximumSize else { throw EventError(.tooLarge, "\(event.type): \(size) bytes") }
        try appendToOutbox(row)
    }
}
