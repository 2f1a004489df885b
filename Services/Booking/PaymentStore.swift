import Contracts
import Persistence
import System

extension Transaction {
    /// Stores an attempt and the call to its provider.
    borrowing func insert(_ payment: PaymentAttempt) throws {
        try execute(
            """
            INSERT INTO payments (id, booking_id, provider, state, verdict, amount, currency, options, created_at,
                traceparent)
            VALUES (\(payment.id), \(payment.bookingID), \(payment.provider), \(payment.state), \(payment.verdict?.rawValue),
                \(payment.amount), \(payment.currency), \(payment.options), \(payment.createdAt),
                \(payment.traceparent))
            """
        )
        try enqueue(.authorize, of: payment.id, at: payment.createdAt)
    }

    /// Moves an attempt on if it still is in the given state; false when it is not.
    borrowing func advance(
        payment id: String,
        from state: PaymentAttempt.State,
        to next: PaymentAttempt.State,
        verdict: PaymentVerdict? = nil
    ) throws -> Bool {
        let changed = try execute(
            """
            UPDATE payments SET state = \(next), verdict = coalesce(\(verdict?.rawValue), verdict)
            WHERE id = \(id) AND state = \(state)
            """
        )
        return changed == 1
    }

    /// Has the money taken that is reserved; the seats are sold.
    borrowing func capture(_ payment: PaymentAttempt, at now: Timestamp) throws {
        guard try advance(payment: payment.id, from: .authorized, to: .capturing) else { return }
        try enqueue(.capture, of: payment.id, at: now)
    }

    /// Has money given back, by the way that its state leaves; nothing when that is under way.
    borrowing func giveBack(_ payment: PaymentAttempt, at now: Timestamp) throws {
        guard let way = payment.wayBack, try advance(payment: payment.id, from: payment.state, to: way.state) else {
            return
        }
        try enqueue(way.call, of: payment.id, at: now)
    }

    private borrowing func enqueue(_ kind: ProviderCall.Kind, of payment: String, at now: Timestamp) throws {
        try execute(
            """
            INSERT INTO provider_calls (payment_id, kind, due_at) VALUES (\(payment), \(kind), \(now))
            ON CONFLICT DO NOTHING
            """
        )
    }

    /// The provider has the call.
    borrowing func finish(_ call: ProviderCall) throws {
        try execute("DELETE FROM provider_calls WHERE id = \(call.id)")
    }

    /// The call failed, or nobody knows: again at an instant.
    borrowing func postpone(_ call: ProviderCall, until due: Timestamp) throws {
        try execute("UPDATE provider_calls SET attempts = attempts + 1, due_at = \(due) WHERE id = \(call.id)")
    }
}

extension Connection {
    func payment(_ id: String) throws -> PaymentAttempt? {
        try first("SELECT \(paymentColumns) FROM payments WHERE id = \(id)") { row in try decodePayment(row, from: 0) }
    }

    /// The attempts to pay for a booking, oldest first.
    func payments(of booking: Identifier) throws -> [PaymentAttempt] {
        try rows("SELECT \(paymentColumns) FROM payments WHERE booking_id = \(booking) ORDER BY created_at") { row in
            try decodePayment(row, from: 0)
        }
    }

    /// Calls to providers that are due, and when the next one after them is.
    func dueProviderCalls(at now: Timestamp, limit: Int) throws -> (due: [ProviderCall], next: Timestamp?) {
        let due = try rows(
            """
            SELECT calls.id, calls.kind, calls.attempts, \(paymentColumns)
            FROM provider_calls AS calls JOIN payments ON payments.id = calls.payment_id
            WHERE calls.due_at <= \(now) ORDER BY calls.due_at, calls.id LIMIT \(limit)
            """
        ) { row in
            ProviderCall(
                id: try row[0],
                payment: try decodePayment(row, from: 3),
                kind: try row[1],
                attempts: try row[2]
            )
        }
        let next: Timestamp? = try value(
            "SELECT due_at FROM provider_calls WHERE due_at > \(now) ORDER BY due_at LIMIT 1"
        )
        return (due, next)
    }
}

private let paymentColumns: SQL = """
    payments.id, payments.booking_id, payments.provider, payments.state, payments.verdict, payments.amount,
    payments.currency, payments.options, payments.created_at, payments.traceparent
    """

private func decodePayment(_ row: borrowing Row, from column: Int) throws -> PaymentAttempt {
    PaymentAttempt(
        id: try row[column],
        bookingID: try row[column + 1],
        provider: try row[column + 2],
        state: try row[column + 3],
        verdict: (try row[column + 4] as String?).flatMap(PaymentVerdict.init),
        amount: try row[column + 5],
        currency: try row[column + 6],
        options: try row[column + 7],
        createdAt: try row[column + 8],
        traceparent: try row[column + 9]
    )
}

extension PaymentAttempt.State: ColumnValue {}
extension ProviderCall.Kind: ColumnValue {}
