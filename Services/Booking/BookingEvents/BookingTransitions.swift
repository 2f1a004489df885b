import Contracts
import EventBus
import Persistence
import System

/// The changes of a booking, each with its entry in the ledger, inside the transaction that makes them. Every one returns
/// false, and changes nothing, when the booking has moved on meanwhile.
extension Transaction {
    /// Locks the seats; they must be free.
    borrowing func lock(_ booking: Booking, until expiry: Timestamp, at now: Timestamp, cause: EventCause?) throws
        -> Bool
    {
        guard try advance(booking, to: booking.locked(until: expiry)) else { return false }
        try lockSeats(of: booking, until: expiry)
        try publish(
            SeatLocked(
                requestID: booking.id,
                userID: booking.userID,
                showtimeID: booking.showtimeID,
                seats: booking.seats,
                expiration: expiry
            ),
            at: now,
            cause: cause
        )
        return true
    }

    /// Refuses the request.
    borrowing func reject(
        _ booking: Booking,
        _ reason: SeatDecision.Rejection,
        conflicts: [String],
        at now: Timestamp,
        cause: EventCause?
    ) throws -> Bool {
        guard try advance(booking, to: booking.rejected(reason, conflicts: conflicts)) else { return false }
        try publishRejection(of: booking, reason, conflicts: conflicts, at: now, cause: cause)
        return true
    }

    /// The ledger's entry for a request that gets nothing.
    borrowing func publishRejection(
        of booking: Booking,
        _ reason: SeatDecision.Rejection,
        conflicts: [String],
        at now: Timestamp,
        cause: EventCause?
    ) throws {
        try publish(
            SeatRejected(
                requestID: booking.id,
                userID: booking.userID,
                showtimeID: booking.showtimeID,
                seats: booking.seats,
                reason: reason.rawValue,
                conflicts: conflicts
            ),
            at: now,
            cause: cause
        )
    }

    /// Ends a lock that was not paid for.
    borrowing func expire(_ booking: Booking, at now: Timestamp, cause: EventCause? = nil) throws -> Bool {
        var next = booking
        next.state = .expired
        next.expiresAt = nil
        next.reason = "expired"
        guard try advance(booking, to: next) else { return false }
        try freeSeats(of: booking)
        try publishRelease(of: booking, reason: "expired", at: now, cause: cause)
        try publish(counting: TicketExpired(booking, at: now), at: now, cause: cause)
        return true
    }

    /// Ends a lock, or a sale whose money then goes back.
    borrowing func cancel(
        _ booking: Booking,
        reason: String = "cancelled",
        at now: Timestamp,
        cause: EventCause? = nil
    ) throws -> Bool {
        var next = booking
        next.state = .cancelled
        next.expiresAt = nil
        next.reason = reason
        guard try advance(booking, to: next) else { return false }
        switch booking.state {
        case .requested: break  // The consumer of the request finds it cancelled and enters the refusal.
        case .locked:
            try freeSeats(of: booking)
            try publishRelease(of: booking, reason: reason, at: now, cause: cause)
        default:
            try freeSeats(of: booking)
            try publish(
                SeatFreed(
                    requestID: booking.id,
                    userID: booking.userID,
                    showtimeID: booking.showtimeID,
                    seats: booking.seats,
                    reason: reason
                ),
                at: now,
                cause: cause
            )
            for payment in try connection.payments(of: booking.id) { try giveBack(payment, at: now) }
        }
        try publish(counting: TicketCancelled(booking, at: now), at: now, cause: cause)
        return true
    }

    /// Turns a paid booking into tickets and tells its owner.
    borrowing func confirm(_ booking: Booking, showtime: Showtime, at now: Timestamp, cause: EventCause) throws -> Bool
    {
        var next = booking
        next.state = .booked
        guard try advance(booking, to: next) else { return false }
        try sellSeats(of: booking)
        try issueTickets(for: booking)
        try publish(
            SeatBooked(
                requestID: booking.id,
                userID: booking.userID,
                showtimeID: booking.showtimeID,
                seats: booking.seats
            ),
            at: now,
            cause: cause
        )
        try publish(counting: TicketBooked(booking, at: now), at: now, cause: cause)
        try tell(.booked, about: booking, showtime: showtime, at: now, cause: cause)
        return true
    }

    private borrowing func publishRelease(
        of booking: Booking,
        reason: String,
        at now: Timestamp,
        cause: EventCause?
    ) throws {
        try publish(
            SeatReleased(
                requestID: booking.id,
                userID: booking.userID,
                showtimeID: booking.showtimeID,
                seats: booking.seats,
                reason: reason
            ),
            at: now,
            cause: cause
        )
    }
}

extension TicketChange {
    /// What became of a booking's tickets.
    init(_ booking: Booking, seats: [String]? = nil, at now: Timestamp) {
        self.init(
            bookingID: booking.id,
            userID: booking.userID,
            movieID: booking.movieID,
            showtimeID: booking.showtimeID,
            seats: seats ?? booking.seats,
            amount: booking.amount,
            currency: booking.currency,
            timestamp: now
        )
    }
}
