import System

/// One record header: a name and bytes.
public struct EventHeader: Sendable, Hashable {
    /// The header's name.
    public let name: String
    /// The header's value; nil is Kafka's null.
    public let value: [UInt8]?

    /// Makes a header.
    public init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// Makes a header of text.
    public init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }

    /// The value as text; nil when there is none or it is not UTF-8.
    public var text: String? { value.flatMap { String(validating: $0, as: UTF8.self) } }
}

/// Names of the record headers (CloudEvents 1.0, Kafka protocol binding, section 3.2).
public enum HeaderName {
    static let specVersion = "ce_specversion"
    static let id = "ce_id"
    /// The service whose outbox it came from, such as `/user`.
    public static let source = "ce_source"
    static let type = "ce_type"
    static let time = "ce_time"
    static let subject = "ce_subject"
    static let correlationID = "ce_correlationid"
    static let causationID = "ce_causationid"
    static let sequence = "ce_sequence"
    static let contentType = "content-type"
    static let traceparent = "traceparent"
    /// The outbox row of the write, what `Event-Position` and `Min-Position` compare.
    public static let position = "outbox-position"
}

extension Event {
    private static let specVersion = EventHeader(HeaderName.specVersion, "1.0")
    private static let contentType = EventHeader(HeaderName.contentType, "application/json")

    /// The attributes as record headers.
    public var headers: [EventHeader] {
        var headers = [
            Self.specVersion,
            EventHeader(HeaderName.id, id.description),
            EventHeader(HeaderName.source, source),
            EventHeader(HeaderName.type, type),
            EventHeader(HeaderName.time, time.description),
            EventHeader(HeaderName.subject, subject),
            Self.contentType,
        ]
        if let traceparent { headers.append(EventHeader(HeaderName.traceparent, traceparent)) }
        if let correlationID { headers.append(EventHeader(HeaderName.correlationID, correlationID.description)) }
        if let causationID { headers.append(EventHeader(HeaderName.causationID, causationID.description)) }
        if let sequence { headers.append(EventHeader(HeaderName.sequence, String(sequence))) }
        return headers
    }

    /// Reads an event from what a record holds; unknown headers are ignored.
    ///
    /// - Throws: `undecodable` when a required attribute is missing or malformed.
    public init(topic: String, key: [UInt8]?, headers: [EventHeader], value: [UInt8]?) throws(EventError) {
        func text(_ name: String) -> String? { headers.last { $0.name == name }?.text }
        func required<Value>(_ name: String, _ read: (String) -> Value?) throws(EventError) -> Value {
            guard let value = text(name).flatMap(read) else {
                throw EventError(.undecodable, "header \(name) is missing or malformed")
            }
            return value
        }
        guard try required(HeaderName.specVersion, { $0 }) == "1.0" else {
            throw EventError(.undecodable, "only CloudEvents 1.0 is read")
        }
        guard let key = key.flatMap({ String(validating: $0, as: UTF8.self) }) else {
            throw EventError(.undecodable, "the key is missing or not UTF-8")
        }
        self.init(
            id: try required(HeaderName.id) { Identifier($0) },
            source: try required(HeaderName.source) { $0 },
            type: try required(HeaderName.type) { $0 },
            time: try required(HeaderName.time) { Timestamp(rfc3339: $0) },
            subject: text(HeaderName.subject) ?? key,
            topic: topic,
            key: key,
            value: value
        )
        traceparent = text(HeaderName.traceparent)
        correlationID = text(HeaderName.correlationID).flatMap { Identifier($0) }
        causationID = text(HeaderName.causationID).flatMap { Identifier($0) }
        sequence = text(HeaderName.sequence).flatMap { Int64($0) }
    }
}
