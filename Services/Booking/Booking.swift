import System

/// A person's claim on seats of a showtime, from request to ticket.
///
/// ```
/// requested ─ lock ─> locked ─ payment in time ─> paid ─ confirm ─> booked ─ cancel ─> cancelled ─ refund ─> refunded
///     │                 ├─ expire ─> expired ─ late payment's refund ──────────────────────────────────────────^
///     └─ reject         └─ cancel ─> cancelled
/// ```
struct Booking: Sendable, Equatable {
    /// How far it has come; the raw values are those of the API.
    enum State: String, Sendable {
        case requested, locked, rejected, paid, booked, expired, cancelled, refunded

        /// Whether the seats are decided upon: what `Prefer: wait` waits for.
        var isDecided: Bool { self != .requested }
    }

    let id: Identifier
    var userID: Identifier
    let movieID: Identifier
    let showtimeID: Identifier
    var state: State
    let seats: [String]
    /// Minor units of `currency`.
    let amount: Int64
    let currency: String
    let createdAt: Timestamp
    /// When the lock ends; nil unless locked.
    var expiresAt: Timestamp?
    /// Why it was rejected, released or cancelled.
    var reason: String?
    /// Seats that stood in the way.
    var conflicts: [String]
    /// Grows by one with each change: the ETag and the sequence of its events.
    var version: Int64
    /// How often it went to another person; codes of tickets hold for one holder.
    var transfers: Int64

    /// A fresh request.
    init(id: Identifier, userID: Identifier, showtime: Showtime, seats: [String], amount: Int64, at time: Timestamp) {
        self.id = id
        self.userID = userID
        self.movieID = showtime.movieID
        self.showtimeID = showtime.id
        self.state = .requested
        self.seats = seats
        self.amount = amount
        self.currency = showtime.currency
        self.createdAt = time
        self.conflicts = []
        self.version = 1
        self.transfers = 0
    }

    /// As it is once its seats are locked.
    func locked(until expiry: Timestamp) -> Booking {
        var next = self
        next.state = .locked
        next.expiresAt = expiry
        next.version += 1
        return next
    }

    /// As it is once it has been refused.
    func rejected(_ reason: SeatDecision.Rejection, conflicts: [String]) -> Booking {
        var next = self
        next.state = .rejected
        next.reason = reason.rawValue
        next.conflicts = conflicts
        next.version += 1
        return next
    }

    /// One read from the store.
    init(
        id: Identifier,
        userID: Identifier,
        movieID: Identifier,
        showtimeID: Identifier,
        state: State,
        seats: [String],
        amount: Int64,
        currency: String,
        createdAt: Timestamp,
        expiresAt: Timestamp?,
        reason: String?,
        conflicts: [String],
        version: Int64,
        transfers: Int64
    ) {
        self.id = id
        self.userID = userID
        self.movieID = movieID
        self.showtimeID = showtimeID
        self.state = state
        self.seats = seats
        self.amount = amount
        self.currency = currency
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.reason = reason
        self.conflicts = conflicts
        self.version = version
        self.transfers = transfers
    }
}
