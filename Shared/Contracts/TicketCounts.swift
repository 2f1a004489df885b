public import EventBus
public import System

/// What Booking counts of a showtime (`ticket.counts-reported`), a minute after a change at the latest: what read models
/// of `ticket-events` reconcile with.
///
/// It holds for its own place in the log: each ticket event of the showtime that stands before it in the partition is
/// counted, and none behind it.
public struct TicketCountsReported: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "ticket.counts-reported"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.ticketEvents
    /// See ``EventPayload/source``.
    public static let source = "/booking"

    /// The showtime.
    public var showtimeID: Identifier
    /// The film.
    public var movieID: Identifier
    /// Seats of all `ticket.booked` so far.
    public var booked: Int64
    /// Seats of all `ticket.cancelled` so far, of locks and of tickets.
    public var cancelled: Int64
    /// Seats of all `ticket.expired` so far.
    public var expired: Int64
    /// Seats of all `ticket.checked-in` so far.
    public var checkedIn: Int64
    /// The amounts of all `ticket.booked` so far, in minor units of `currency`.
    public var revenue: Int64
    /// ISO 4217.
    public var currency: String
    /// When it was counted.
    public var timestamp: Timestamp
    /// The next offset to read, by `<topic>-<partition>`, of what Booking consumes: all that stands before it had taken
    /// effect.
    public var offsets: [String: Int64]

    /// Makes a report.
    public init(
        showtimeID: Identifier,
        movieID: Identifier,
        booked: Int64,
        cancelled: Int64,
        expired: Int64,
        checkedIn: Int64,
        revenue: Int64,
        currency: String,
        timestamp: Timestamp,
        offsets: [String: Int64]
    ) {
        self.showtimeID = showtimeID
        self.movieID = movieID
        self.booked = booked
        self.cancelled = cancelled
        self.expired = expired
        self.checkedIn = checkedIn
        self.revenue = revenue
        self.currency = currency
        self.timestamp = timestamp
        self.offsets = offsets
    }

    /// See ``EventPayload/key``.
    public var key: String { showtimeID.description }

    enum CodingKeys: String, CodingKey {
        case showtimeID = "showtime_id"
        case movieID = "movie_id"
        case checkedIn = "checked_in"
        case booked, cancelled, expired, revenue, currency, timestamp, offsets
    }
}
