public import System

/// One piece of work of a trace, told when it has ended.
public struct Span: Sendable {
    /// What kind of work it was.
    public enum Kind: String, Sendable {
        /// A request, from its head to its answer.
        case request
        /// An event that a consumer made take effect.
        case consumer
    }

    /// Where it stands in its trace.
    public var context: TraceContext
    /// The span that caused it, 16 hexadecimal digits; nil for the first of a trace.
    public var parentID: String?
    /// What kind of work.
    public var kind: Kind
    /// `GET /v1/bookings/{id}`, or the group of the consumer.
    public var name: String
    /// When it began.
    public var start: Timestamp
    /// How long it took, in microseconds.
    public var durationMicroseconds: Int64
    /// The status of the answer.
    public var status: Int?
    /// The event that was consumed.
    public var eventID: Identifier?

    /// Makes a span.
    public init(
        _ context: TraceContext,
        parentID: String?,
        kind: Kind,
        name: String,
        start: Timestamp,
        durationMicroseconds: Int64,
        status: Int? = nil,
        eventID: Identifier? = nil
    ) {
        self.context = context
        self.parentID = parentID
        self.kind = kind
        self.name = name
        self.start = start
        self.durationMicroseconds = durationMicroseconds
        self.status = status
        self.eventID = eventID
    }
}
