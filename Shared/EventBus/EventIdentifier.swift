import Security
public import System

/// Ids of events derived from other events. They are functions of their cause, so a replay or a restored backup
/// publishes the same ids and inboxes drop the repeats.
public enum EventIdentifier {
    /// UUIDv8 of SHA-256(source, 0, causation id, index): `index` counts the events that `source` derives from one cause.
    public static func derived(source: String, causation: Identifier, index: Int = 0) -> Identifier {
        let number = (0..<8).map { UInt8(truncatingIfNeeded: index >> (56 - $0 * 8)) }
        let digest = HashFunction.sha256.digest(Array(source.utf8) + [0] + causation.bytes + number)
        // A SHA-256 digest has 32 bytes and the initialiser needs 16.
        return Identifier(digest: digest) ?? causation
    }
}

extension Event {
    /// An event that another one caused: its id is derived, its cause and story are noted, and it is part of the trace.
    ///
    /// - Throws: `unencodable`, `tooLarge`.
    public init<Payload: EventPayload>(
        _ payload: Payload,
        causedBy cause: Event,
        index: Int = 0,
        at time: Timestamp,
        source: String = Payload.source,
        sequence: Int64? = nil
    ) throws(EventError) {
        try self.init(
            payload,
            id: EventIdentifier.derived(source: source, causation: cause.id, index: index),
            at: time,
            source: source,
            sequence: sequence,
            traceparent: cause.traceparent
        )
        causationID = cause.id
        correlationID = cause.correlationID ?? cause.id
    }
}
