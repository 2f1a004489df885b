public import EventBus
public import System

/// What became of the tickets of a booking (`ticket-events`).
public struct TicketChange<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .ticketEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/booking" }

    /// The booking's id.
    public var bookingID: Identifier
    /// Whose booking it is.
    public var userID: Identifier
    /// The film.
    public var movieID: Identifier
    /// The showtime.
    public var showtimeID: Identifier
    /// The seats concerned.
    public var seats: [String]
    /// Minor units of `currency`, for these seats together.
    public var amount: Int64
    /// ISO 4217.
    public var currency: String
    /// When it was decided.
    public var timestamp: Timestamp

    /// Makes a change.
    public init(
        bookingID: Identifier,
        userID: Identifier,
        movieID: Identifier,
        showtimeID: Identifier,
        seats: [String],
        amount: Int64,
        currency: String,
        timestamp: Timestamp
    ) {
        self.bookingID = bookingID
        self.userID = userID
        self.movieID = movieID
        self.showtimeID = showtimeID
        self.seats = seats
        self.amount = amount
        self.currency = currency
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { showtimeID.description }

    enum CodingKeys: String, CodingKey {
        case bookingID = "booking_id"
        case userID = "user_id"
        case movieID = "movie_id"
        case showtimeID = "showtime_id"
        case seats, amount, currency, timestamp
    }

    /// Read by hand: one for every sale.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let booking = object.id("booking_id"),
            let user = object.id("user_id"), let movie = object.id("movie_id"), let showtime = object.id("showtime_id"),
            let seats = object.texts("seats"), let amount = object.number("amount"),
            let currency = object.text("currency"), let timestamp = object.instant("timestamp")
        else { return nil }
        return Self(
            bookingID: booking,
            userID: user,
            movieID: movie,
            showtimeID: showtime,
            seats: seats,
            amount: amount,
            currency: currency,
            timestamp: timestamp
        )
    }
}

/// Names of ticket changes.
public enum TicketChangeName {
    /// `ticket.booked`.
    public enum Booked: EventName {
        /// See ``EventName/type``.
        public static let type = "ticket.booked"
    }
    /// `ticket.cancelled`.
    public enum Cancelled: EventName {
        /// See ``EventName/type``.
        public static let type = "ticket.cancelled"
    }
    /// `ticket.expired`.
    public enum Expired: EventName {
        /// See ``EventName/type``.
        public static let type = "ticket.expired"
    }
    /// `ticket.checked-in`.
    public enum CheckedIn: EventName {
        /// See ``EventName/type``.
        public static let type = "ticket.checked-in"
    }
    /// `ticket.transferred`.
    public enum Transferred: EventName {
        /// See ``EventName/type``.
        public static let type = "ticket.transferred"
    }
}

/// The seats were paid for and tickets exist.
public typealias TicketBooked = TicketChange<TicketChangeName.Booked>
/// The booking was cancelled by its owner or an admin.
public typealias TicketCancelled = TicketChange<TicketChangeName.Cancelled>
/// The lock ended without payment.
public typealias TicketExpired = TicketChange<TicketChangeName.Expired>
/// Somebody entered with the ticket.
public typealias TicketCheckedIn = TicketChange<TicketChangeName.CheckedIn>
/// The tickets went to another person, who is the `userID`.
public typealias TicketTransferred = TicketChange<TicketChangeName.Transferred>
