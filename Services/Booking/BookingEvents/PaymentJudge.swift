import Contracts
import EventBus
import Persistence
import System

/// Judges what providers report, in the one transaction that decides expiry against payment. Money is matched against
/// Booking's own rows, never believed.
struct PaymentJudge: Sendable {
    /// What a report came to.
    enum Outcome: String, Sendable {
        /// It took effect.
        case applied
        /// It said nothing new.
        case unchanged
        /// No such payment of that booking.
        case unknownPayment = "unknown_payment"
        /// Amount or currency are not those of the payment.
        case amountMismatch = "amount_mismatch"
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
        switch PaymentReport.Kind(rawValue: report.type) {
        case .authorized: return try accept(payment, of: booking, as: .authorized, at: now, in: transaction)
        case .succeeded: return try taken(payment, of: booking, at: now, in: transaction)
        case .failed: return try fail(payment, of: booking, from: .initiated, details.reason, at: now, in: transaction)
        case .captureFailed:
            return try fail(payment, of: booking, from: .capturing, details.reason, at: now, in: transaction)
        case .voided: return try givenBack(payment, of: booking, to: .voided, at: now, in: transaction)
        case .refunded: return try givenBack(payment, of: booking, to: .refunded, at: now, in: transaction)
        case .processing, nil: return .unchanged
        }
    }

    /// The first good word about an attempt decides payment against expiry. One after a failure counts too: the provider
    /// has the money.
    private func accept(
        _ payment: PaymentAttempt,
        of booking: Booking,
        as state: PaymentAttempt.State,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard payment.state == .initiated || payment.state == .failed else { return .unchanged }
        let verdict: PaymentVerdict = try transaction.markPaid(booking.id, at: now) ? .inTime : .late
        _ = try transaction.advance(payment: payment.id, from: payment.state, to: state, verdict: verdict)
        try transaction.tell(PaymentSucceeded(payment, of: booking, verdict, at: now), about: payment, at: now)
        return .applied
    }

    /// The money was taken. Taken for a booking that was given up meanwhile, it goes back at once.
    private func taken(
        _ payment: PaymentAttempt,
        of booking: Booking,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        switch payment.state {
        case .initiated, .failed: return try accept(payment, of: booking, as: .captured, at: now, in: transaction)
        case .authorized, .capturing, .voidPending, .voided:
            _ = try transaction.advance(payment: payment.id, from: payment.state, to: .captured)
            let isGivenUp = payment.state == .voidPending || payment.state == .voided || booking.state == .cancelled
            if isGivenUp, let captured = try transaction.connection.payment(payment.id) {
                try transaction.giveBack(captured, at: now)
            }
            return .applied
        case .captured, .refundPending, .refunded: return .unchanged
        }
    }

    private func fail(
        _ payment: PaymentAttempt,
        of booking: Booking,
        from state: PaymentAttempt.State,
        _ reason: String?,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard try transaction.advance(payment: payment.id, from: state, to: .failed) else { return .unchanged }
        let isLocked = booking.state == .locked && booking.expiresAt.map { $0 > now } ?? false
        let verdict: PaymentVerdict = isLocked || booking.state == .booked ? .inTime : .late
        try transaction.tell(
            PaymentFailed(payment, of: booking, verdict, at: now, reason: reason),
            about: payment,
            at: now
        )
        return .applied
    }

    /// Released or refunded: for its owner the same.
    private func givenBack(
        _ payment: PaymentAttempt,
        of booking: Booking,
        to state: PaymentAttempt.State,
        at now: Timestamp,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        let asked: PaymentAttempt.State = state == .voided ? .voidPending : .refundPending
        guard try transaction.advance(payment: payment.id, from: asked, to: state) else { return .unchanged }
        let verdict = payment.verdict ?? .late
        let reason = verdict == .late ? "late" : "cancelled"
        try transaction.tell(
            PaymentRefunded(payment, of: booking, verdict, at: now, reason: reason),
            about: payment,
            at: now
        )
        return .applied
    }
}

extension Transaction {
    /// Tells what became of an attempt, in the trace of the call that began it.
    fileprivate borrowing func tell(
        _ payload: some EventPayload,
        about payment: PaymentAttempt,
        at now: Timestamp
    ) throws {
        try publish(payload, at: now, traceparent: payment.traceparent)
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
