import Contracts
import EventBus
import Persistence
import System

/// Judges what providers report, in the one transaction that decides expiry against payment. Money is matched against
/// Booking's own rows, never believed.
struct PaymentJudge: Sendable {
    /// What a report came to.
    enum Outcome: Sendable, Equatable {
        /// It took effect.
        case applied
        /// It said nothing new.
        case unchanged
        /// No such payment of that booking.
        case unknownPayment
        /// Amount or currency are not those of the payment.
        case amountMismatch
    }

    let clock: WallClock

    /// Applies a report whose signature is good.
    func apply(_ report: PaymentReport, in transaction: borrowing Transaction) throws -> Outcome {
        let details = report.data
        guard let payment = try transaction.connection.payment(details.paymentID),
            payment.bookingID == details.bookingID,
            let booking = try transaction.connection.booking(details.bookingID)
        else { return .unknownPayment }
        guard payment.amount == details.amount, payment.currency == details.currency else { return .amountMismatch }
        let now = clock.now
        switch report.type {
        case PaymentSucceeded.type: return try succeed(payment, of: booking, at: now, in: transaction)
        case PaymentFailed.type: return try fail(payment, of: booking, details.reason, at: now, in: transaction)
        case PaymentRefunded.type: return try refund(payment, of: booking, at: now, in: transaction)
        default: return .unchanged
        }
    }

    /// A success after a failure counts too: the provider took the money.
    private func succeed(
        _ payment: PaymentAttempt,
        of booking: Booking,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard payment.state == .initiated || payment.state == .failed else { return .unchanged }
        let verdict: PaymentVerdict = try transaction.markPaid(booking.id, at: now) ? .inTime : .late
        _ = try transaction.advance(payment: payment.id, from: payment.state, to: .succeeded, verdict: verdict)
        try transaction.publish(PaymentSucceeded(payment, of: booking, verdict, at: now), at: now)
        return .applied
    }

    private func fail(
        _ payment: PaymentAttempt,
        of booking: Booking,
        _ reason: String?,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard try transaction.advance(payment: payment.id, from: .initiated, to: .failed) else { return .unchanged }
        let isValid = booking.state == .locked && booking.expiresAt.map { $0 > now } ?? false
        let verdict: PaymentVerdict = isValid ? .inTime : .late
        try transaction.publish(PaymentFailed(payment, of: booking, verdict, at: now, reason: reason), at: now)
        return .applied
    }

    private func refund(
        _ payment: PaymentAttempt,
        of booking: Booking,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard try transaction.advance(payment: payment.id, from: .refundPending, to: .refunded) else {
            return .unchanged
        }
        let verdict = payment.verdict ?? .late
        let reason = verdict == .late ? "late" : "cancelled"
        try transaction.publish(PaymentRefunded(payment, of: booking, verdict, at: now, reason: reason), at: now)
        return .applied
    }
}

extension Payment {
    /// A report about an attempt to pay for a booking.
    fileprivate init(
        _ payment: PaymentAttempt,
        of booking: Booking,
        _ verdict: PaymentVerdict,
        at now: Timestamp,
        reason: String? = nil
    ) {
        self.init(
            bookingID: booking.id,
            showtimeID: booking.showtimeID,
            userID: booking.userID,
            paymentID: payment.id,
            verdict: verdict,
            amount: payment.amount,
            currency: payment.currency,
            timestamp: now,
            reason: reason
        )
    }
}
