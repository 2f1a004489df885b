import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Turns judged payments into bookings and refunds (group `booking-payments` on `payment-events`). Halts at a record it
/// cannot apply: money waits for a person.
struct PaymentConsumer: Sendable {
    let clock: WallClock
    let changes: Changes<Booking>

    /// Applies one report.
    func handle(_ event: Event, in transaction: borrowing Transaction) throws {
        switch event.type {
        case PaymentSucceeded.type: try succeeded(try event.decode(), event, in: transaction)
        case PaymentFailed.type: try failed(try event.decode(), event, in: transaction)
        case PaymentRefunded.type: try refunded(try event.decode(), event, in: transaction)
        default: break  // A type of a later version.
        }
    }

    private func succeeded(_ report: PaymentSucceeded, _ event: Event, in transaction: borrowing Transaction) throws {
        let (payment, booking, showtime) = try own(report, in: transaction)
        let now = clock.now
        switch report.verdict {
        case .inTime where booking.state == .paid:
            _ = try transaction.confirm(booking, showtime: showtime, at: now, cause: EventCause(event))
            try transaction.capture(payment, at: now)
        case .inTime where booking.state == .booked: break  // A repeat.
        case .inTime, .late: try transaction.giveBack(payment, at: now)
        }
    }

    private func failed(_ report: PaymentFailed, _ event: Event, in transaction: borrowing Transaction) throws {
        let (payment, booking, showtime) = try own(report, in: transaction)
        let (now, cause) = (clock.now, EventCause(event))
        if try isUnpaid(booking, by: payment, transaction.connection) {
            _ = try transaction.cancel(booking, reason: "payment_failed", at: now, cause: cause)
        }
        try transaction.tell(.paymentFailed, about: booking, showtime: showtime, at: now, cause: cause)
    }

    /// Whether the tickets stand without money: what was reserved could not be taken, no other attempt pays for them and
    /// nobody has entered.
    private func isUnpaid(
        _ booking: Booking,
        by payment: PaymentAttempt,
        _ connection: Connection
    ) throws -> Bool {
        guard booking.state == .booked, payment.state == .failed else { return false }
        return try !connection.payments(of: booking.id).contains(where: \.isGood)
            && !connection.hasCheckedIn(booking.id)
    }

    private func refunded(_ report: PaymentRefunded, _ event: Event, in transaction: borrowing Transaction) throws {
        let (_, booking, showtime) = try own(report, in: transaction)
        if booking.state == .cancelled || booking.state == .expired {
            var next = booking
            next.state = .refunded
            _ = try transaction.advance(booking, to: next)
        }
        try transaction.tell(.refunded, about: booking, showtime: showtime, at: clock.now, cause: EventCause(event))
    }

    /// Booking's own rows for a report; anything that does not match them is refused.
    private func own<Name>(
        _ report: Payment<Name>,
        in transaction: borrowing Transaction
    ) throws -> (PaymentAttempt, Booking, Showtime) {
        let connection = transaction.connection
        guard let payment = try connection.payment(report.paymentID),
            payment.bookingID == report.bookingID, payment.amount == report.amount, payment.currency == report.currency,
            let booking = try connection.booking(report.bookingID),
            let showtime = try connection.showtime(booking.showtimeID)
        else { throw UnmatchedRecord("payment \(report.paymentID) is none of ours") }
        let changes = changes
        transaction.afterCommit { changes.announce(booking.id) }
        return (payment, booking, showtime)
    }
}
