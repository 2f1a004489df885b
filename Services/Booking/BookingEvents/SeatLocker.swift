import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Decides requests for seats in the order of their partition (group `seat-locker` on `ticket-requests`): the partition
/// is the queue and the lock.
struct SeatLocker: Sendable {
    let rules: SeatDecision.Rules
    let clock: WallClock
    let changes: Changes<Booking>

    /// Applies one request. A request that is not in the store is another installation's or was lost with a restored
    /// backup: it gets no seat.
    func handle(_ event: Event, in transaction: borrowing Transaction) throws {
        let request = try event.decode(TicketRequested.self)
        guard let booking = try transaction.connection.booking(request.requestID) else {
            throw UnmatchedRecord("no booking \(request.requestID)")
        }
        let now = clock.now
        let cause = EventCause(event)
        var decided: Booking?
        switch booking.state {
        case .requested: decided = try decide(booking, at: now, cause: cause, in: transaction)
        case .cancelled:
            try transaction.publishRejection(of: booking, .cancelled, conflicts: [], at: now, cause: cause)
        default: break  // Decided before: a repeat under another event id.
        }
        transaction.afterCommit { [changes, decided] in changes.announce(booking.id, now: decided) }
    }

    /// The booking as decided.
    private func decide(
        _ booking: Booking,
        at now: Timestamp,
        cause: EventCause,
        in transaction: borrowing Transaction
    ) throws -> Booking {
        let connection = transaction.connection
        guard let showtime = try connection.showtime(booking.showtimeID) else {
            throw UnmatchedRecord("no showtime \(booking.showtimeID)")
        }
        guard try !connection.isBanned(booking.userID) else {
            _ = try transaction.reject(booking, .userBanned, conflicts: [], at: now, cause: cause)
            return booking.rejected(.userBanned, conflicts: [])
        }
        let decision = SeatDecision.decide(
            seats: booking.seats,
            for: booking.userID,
            startsAt: showtime.startsAt,
            holds: try connection.holds(of: booking.showtimeID, on: booking.seats, or: booking.userID),
            rules: rules,
            now: now
        )
        switch decision {
        case .lock(let expiry, let releasing):
            for id in releasing {
                guard let expired = try connection.booking(id) else { continue }
                _ = try transaction.expire(expired, at: now, cause: cause)
                transaction.afterCommit { [changes] in changes.announce(id) }
            }
            _ = try transaction.lock(booking, until: expiry, at: now, cause: cause)
            return booking.locked(until: expiry)
        case .reject(let reason, let conflicts):
            _ = try transaction.reject(booking, reason, conflicts: conflicts, at: now, cause: cause)
            return booking.rejected(reason, conflicts: conflicts)
        }
    }
}
