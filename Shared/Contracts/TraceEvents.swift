public import EventBus
public import System

/// A piece of work of a trace (`trace.span`): a request that a service answered, or an event that a consumer made take
/// effect. Some are lost. No bodies, tokens or query values.
public struct TraceSpan: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "trace.span"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.traceSpans
    /// See ``EventPayload/source``; each service is the source of its own.
    public static let source = "/trace"

    /// The trace, 32 hexadecimal digits.
    public var traceID: String
    /// The span, 16 hexadecimal digits.
    public var spanID: String
    /// The span that caused it; nil for the first of a trace.
    public var parentID: String?
    /// `request` or `consumer`.
    public var kind: String
    /// The service that did it.
    public var service: String
    /// `GET /v1/bookings/{id}`, or the consumer's group.
    public var name: String
    /// The status of the answer.
    public var status: Int64?
    /// The event that was consumed.
    public var eventID: Identifier?
    /// In microseconds.
    public var durationMicroseconds: Int64
    /// When it began.
    public var timestamp: Timestamp

    /// Makes the event.
    public init(
        traceID: String,
        spanID: String,
        parentID: String?,
        kind: String,
        service: String,
        name: String,
        status: Int64? = nil,
        eventID: Identifier? = nil,
        durationMicroseconds: Int64,
        timestamp: Timestamp
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.kind = kind
        self.service = service
        self.name = name
        self.status = status
        self.eventID = eventID
        self.durationMicroseconds = durationMicroseconds
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { traceID }

    /// Written by hand: several for every request.
    public func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("duration_us", durationMicroseconds)
        object.add("event_id", eventID)
        object.add("kind", kind)
        object.add("name", name)
        object.add("parent_id", parentID)
        object.add("service", service)
        object.add("span_id", spanID)
        object.add("status", status)
        object.add("timestamp", timestamp)
        object.add("trace_id", traceID)
        return object.finish()
    }

    /// Read by hand: several for every request.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let traceID = object.text("trace_id"),
            let spanID = object.text("span_id"), let kind = object.text("kind"), let service = object.text("service"),
            let name = object.text("name"), let duration = object.number("duration_us"),
            let timestamp = object.instant("timestamp")
        else { return nil }
        return Self(
            traceID: traceID,
            spanID: spanID,
            parentID: object.text("parent_id"),
            kind: kind,
            service: service,
            name: name,
            status: object.number("status"),
            eventID: object.id("event_id"),
            durationMicroseconds: duration,
            timestamp: timestamp
        )
    }

    enum CodingKeys: String, CodingKey {
        case traceID = "trace_id"
        case spanID = "span_id"
        case parentID = "parent_id"
        case eventID = "event_id"
        case durationMicroseconds = "duration_us"
        case kind, service, name, status, timestamp
    }
}
