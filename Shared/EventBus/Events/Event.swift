public import System

/// One event in its envelope: CloudEvents 1.0, Kafka binding, binary mode. Attributes travel as record headers, the
/// payload as the record's value in JSON, the aggregate's id as the key.
public struct Event: Sendable, Hashable {
    /// The largest value plus headers that may be published, in bytes.
    public static let maximumSize = 256 * 1024

    /// `ce_id`: version 7, or version 8 for an event derived from another (``EventCause``).
    public let id: Identifier
    /// `ce_source`: the service that published it, such as `/user`. Source and id together are unique.
    public let source: String
    /// `ce_type`, such as `user.registered`.
    public let type: String
    /// `ce_time`: when it happened; informs people, no decision reads it.
    public let time: Timestamp
    /// `ce_subject`: the aggregate's id.
    public let subject: String
    /// The topic it belongs to.
    public let topic: String
    /// The record's key: order holds among events of one key.
    public let key: String
    /// The payload as JSON; nil is a tombstone of a compacted topic.
    public let value: [UInt8]?
    /// `traceparent` (W3C Trace Context) of the request or event that caused it.
    public var traceparent: String?
    /// `ce_correlationid`: the id that all events of one story share.
    public var correlationID: Identifier?
    /// `ce_causationid`: the id of the event that caused this one.
    public var causationID: Identifier?
    /// `ce_sequence`: the version of the aggregate; projections ignore an older one.
    public var sequence: Int64?

    /// Puts a payload in an envelope.
    ///
    /// - Throws: `unencodable` when the payload is not JSON (a NaN), `tooLarge`.
    public init<Payload: EventPayload>(
        _ payload: Payload,
        id: Identifier,
        at time: Timestamp,
        source: String = Payload.source,
        sequence: Int64? = nil,
        traceparent: String? = nil
    ) throws(EventError) {
        let value = try payload.json()
        guard value.count <= Event.maximumSize else {
            throw EventError(.tooLarge, "\(Payload.type): \(value.count) bytes")
        }
        self.id = id
        self.source = source
        self.type = Payload.type
        self.time = time
        self.subject = payload.key
        self.topic = Payload.topic.name
        self.key = payload.key
        self.value = value
        self.sequence = sequence
        self.traceparent = traceparent
    }

    /// Puts a payload in an envelope under a new version 7 id.
    public init<Payload: EventPayload>(
        _ payload: Payload,
        at time: Timestamp,
        source: String = Payload.source,
        sequence: Int64? = nil,
        traceparent: String? = nil
    ) throws(EventError) {
        try self.init(
            payload,
            id: .version7(at: time),
            at: time,
            source: source,
            sequence: sequence,
            traceparent: traceparent
        )
    }

    /// A tombstone: deletes `key` from a compacted topic.
    public init<Payload: EventPayload>(
        tombstone key: String,
        of payload: Payload.Type,
        at time: Timestamp,
        sequence: Int64? = nil
    ) {
        self.id = .version7(at: time)
        self.source = Payload.source
        self.type = Payload.type
        self.time = time
        self.subject = key
        self.topic = Payload.topic.name
        self.key = key
        self.value = nil
        self.sequence = sequence
    }

    init(
        id: Identifier,
        source: String,
        type: String,
        time: Timestamp,
        subject: String,
        topic: String,
        key: String,
        value: [UInt8]?
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.time = time
        self.subject = subject
        self.topic = topic
        self.key = key
        self.value = value
    }

    /// The payload, when it is of the given type.
    ///
    /// - Throws: `undecodable` for another type, a tombstone or JSON that does not fit.
    public func decode<Payload: EventPayload>(_ payload: Payload.Type = Payload.self) throws(EventError) -> Payload {
        guard type == Payload.type else {
            throw EventError(.undecodable, "\(type) is not \(Payload.type)")
        }
        guard let value else { throw EventError(.undecodable, "\(type) \(key): a tombstone has no payload") }
        return try EventJSON.decode(payload, from: value)
    }
}
