public import Persistence
import Security
public import System
import Telemetry

/// The event that a handler works on, as the cause of what it publishes. Ids of derived events are not random but made of
/// (source, causation id, index), so that a replay, or a restored backup, publishes the same ids and inboxes drop them.
///
/// Rule: one a handler call; publish in an order that depends on nothing but the event and the store.
public final class EventCause {
    /// The causing event.
    public let event: Event
    private var published = 0

    /// The cause of what one handler call publishes.
    public init(_ event: Event) {
        self.event = event
    }

    /// The id of the next event that `source` derives.
    func nextID(source: String) -> Identifier {
        defer { published += 1 }
        return .derived(source: source, cause: event.id, index: published)
    }
}

extension Identifier {
    /// The id of the event that a source derives as the `index`-th from another: UUIDv8 of SHA-256(source, causation id,
    /// index).
    public static func derived(source: String, cause: Identifier, index: Int) -> Identifier {
        let digest = HashFunction.sha256.digest("\(source)\n\(cause)\n\(index)")
        guard let id = Identifier(digest: digest) else { preconditionFailure("SHA-256 has 32 bytes") }
        return id
    }
}

extension Transaction {
    /// Publishes a payload, as a fact of its own or derived from the event that a handler works on, whose trace and
    /// correlation it then carries on. See ``publish(_:)``.
    public borrowing func publish<Payload: EventPayload>(
        _ payload: Payload,
        at time: Timestamp,
        cause: EventCause? = nil,
        source: String = Payload.source,
        sequence: Int64? = nil,
        traceparent: String? = nil
    ) throws {
        let id = cause?.nextID(source: source) ?? .version7(at: time)
        var event = try Event(payload, id: id, at: time, source: source, sequence: sequence, traceparent: traceparent)
        if let origin = cause?.event {
            event.causationID = origin.id
            event.correlationID = origin.correlationID ?? origin.id
            event.traceparent = trace?.traceparent ?? origin.traceparent
        }
        try publish(event)
    }
}
