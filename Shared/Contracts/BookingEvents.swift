public import EventBus
public import System

/// Somebody asks for seats (`ticket.requested`). The consumer of the partition decides, in log order.
public struct TicketRequested: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "ticket.requested"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.ticketRequests
    /// See ``EventPayload/source``.
    public static let source = "/booking"

    /// The booking's id.
    public var requestID: Identifier
    /// Who asks.
    public var userID: Identifier
    /// The film of the showtime.
    public var movieID: Identifier
    /// The showtime whose seats are asked for.
    public var showtimeID: Identifier
    /// The showtime's start in the cinema's local time, `2025-03-20 19:00`.
    public var showtime: String
    /// The first of `seats`.
    public var seat: String
    /// The seats asked for, all or nothing.
    public var seats: [String]
    /// When the request was accepted.
    public var timestamp: Timestamp

    /// Makes a request; `seats` must not be empty.
    public init(
        requestID: Identifier,
        userID: Identifier,
        movieID: Identifier,
        showtimeID: Identifier,
        showtime: String,
        seats: [String],
        timestamp: Timestamp
    ) {
        self.requestID = requestID
        self.userID = userID
        self.movieID = movieID
        self.showtimeID = showtimeID
        self.showtime = showtime
        self.seat = seats.first ?? ""
        self.seats = seats
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { showtimeID.description }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case userID = "user_id"
        case movieID = "movie_id"
        case showtimeID = "showtime_id"
        case showtime, seat, seats, timestamp
    }

    /// Written by hand: one for every request.
    public func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("movie_id", movieID)
        object.add("request_id", requestID)
        object.add("seat", seat)
        object.add("seats", seats)
        object.add("showtime", showtime)
        object.add("showtime_id", showtimeID)
        object.add("timestamp", timestamp)
        object.add("user_id", userID)
        return object.finish()
    }

    /// Read by hand: one for every decision.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let requestID = object.id("request_id"),
            let userID = object.id("user_id"), let movieID = object.id("movie_id"),
            let showtimeID = object.id("showtime_id"), let showtime = object.text("showtime"),
            let seat = object.text("seat"), let seats = object.texts("seats"),
            let timestamp = object.instant("timestamp")
        else { return nil }
        var request = Self(
            requestID: requestID,
            userID: userID,
            movieID: movieID,
            showtimeID: showtimeID,
            showtime: showtime,
            seats: seats,
            timestamp: timestamp
        )
        request.seat = seat
        return request
    }
}

/// What happened to seats of a showtime: one entry of the ledger on `seat-locked`.
public struct SeatChange<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .seatLocked }
    /// See ``EventPayload/source``.
    public static var source: String { "/booking" }

    /// The booking's id.
    public var requestID: Identifier
    /// Whose booking it is.
    public var userID: Identifier
    /// The showtime whose seats changed.
    public var showtimeID: Identifier
    /// The first of `seats`.
    public var seat: String
    /// The seats that changed together.
    public var seats: [String]
    /// `locked`, `rejected`, `released`, `booked` or `freed`.
    public var status: String
    /// When the lock ends; only while locked.
    public var expiration: Timestamp?
    /// Why, for a rejection or a release.
    public var reason: String?
    /// The seats that stood in the way of a rejected request.
    public var conflicts: [String]?

    /// Makes an entry; `status` is the last part of the type's name and `seats` must not be empty.
    public init(
        requestID: Identifier,
        userID: Identifier,
        showtimeID: Identifier,
        seats: [String],
        expiration: Timestamp? = nil,
        reason: String? = nil,
        conflicts: [String]? = nil
    ) {
        self.requestID = requestID
        self.userID = userID
        self.showtimeID = showtimeID
        self.seat = seats.first ?? ""
        self.seats = seats
        self.status = String(Name.type.dropFirst("seat.".count))
        self.expiration = expiration
        self.reason = reason
        self.conflicts = conflicts
    }

    /// See ``EventPayload/key``.
    public var key: String { showtimeID.description }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case userID = "user_id"
        case showtimeID = "showtime_id"
        case seat, seats, status, expiration, reason, conflicts
    }

    /// Written by hand: one for every decision.
    public func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("conflicts", conflicts)
        object.add("expiration", expiration)
        object.add("reason", reason)
        object.add("request_id", requestID)
        object.add("seat", seat)
        object.add("seats", seats)
        object.add("showtime_id", showtimeID)
        object.add("status", status)
        object.add("user_id", userID)
        return object.finish()
    }

    /// Read by hand: the live map shows every decision.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let requestID = object.id("request_id"),
            let userID = object.id("user_id"), let showtimeID = object.id("showtime_id"),
            let seat = object.text("seat"), let seats = object.texts("seats"), let status = object.text("status")
        else { return nil }
        var change = Self(
            requestID: requestID,
            userID: userID,
            showtimeID: showtimeID,
            seats: seats,
            expiration: object.instant("expiration"),
            reason: object.text("reason"),
            conflicts: object.texts("conflicts")
        )
        (change.seat, change.status) = (seat, status)
        // A member that is there and was not understood is JSONDecoder's.
        let isWhole =
            (change.expiration != nil || object.isAbsent("expiration"))
            && (change.reason != nil || object.isAbsent("reason"))
            && (change.conflicts != nil || object.isAbsent("conflicts"))
        return isWhole ? change : nil
    }
}

/// Names of seat changes.
public enum SeatChangeName {
    /// `seat.locked`.
    public enum Locked: EventName {
        /// See ``EventName/type``.
        public static let type = "seat.locked"
    }
    /// `seat.rejected`.
    public enum Rejected: EventName {
        /// See ``EventName/type``.
        public static let type = "seat.rejected"
    }
    /// `seat.released`.
    public enum Released: EventName {
        /// See ``EventName/type``.
        public static let type = "seat.released"
    }
    /// `seat.booked`.
    public enum Booked: EventName {
        /// See ``EventName/type``.
        public static let type = "seat.booked"
    }
    /// `seat.freed`.
    public enum Freed: EventName {
        /// See ``EventName/type``.
        public static let type = "seat.freed"
    }
}

/// Seats are held until `expiration`, for one booking alone.
public typealias SeatLocked = SeatChange<SeatChangeName.Locked>
/// A request got no seat: `conflicts` names those taken.
public typealias SeatRejected = SeatChange<SeatChangeName.Rejected>
/// A lock ended without payment: the seats are available again.
public typealias SeatReleased = SeatChange<SeatChangeName.Released>
/// The seats are paid for.
public typealias SeatBooked = SeatChange<SeatChangeName.Booked>
/// A booked seat was given back: the seats are available again.
public typealias SeatFreed = SeatChange<SeatChangeName.Freed>
