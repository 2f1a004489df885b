import Contracts
import Persistence
import System
import TestSupport
import Testing

@testable import BookingService

/// What each report of a provider makes of an attempt to pay, and what is asked of the provider then.
struct PaymentJudgeTests {
    private typealias State = PaymentAttempt.State

    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        let configuration = Database.Configuration(path: directory.appending("booking.sqlite"))
        database = try Database.open(configuration, migrations: BookingSchema.migrations)
    }

    /// The state of an attempt, and the calls that are due, after a report about it.
    private func judge(
        _ kind: PaymentReport.Kind,
        about state: State,
        of bookingState: Booking.State,
        amount: Int64 = 1
    ) async throws -> (outcome: PaymentJudge.Outcome, state: String, calls: [String], events: [String]) {
        let (outcome, id) = try await database.write { [now] transaction in
            let booking = try Catalogue.fill(transaction, at: now)
            var next = booking
            next.state = bookingState
            next.expiresAt = bookingState == .locked ? now.adding(milliseconds: 1) : nil
            _ = try transaction.advance(booking, to: next)
            let payment = PaymentAttempt(
                id: "pay_\(booking.id)",
                bookingID: booking.id,
                provider: "sandbox",
                state: state,
                amount: 1,
                currency: "VND",
                options: "{}",
                createdAt: now
            )
            try transaction.insert(payment)
            try transaction.execute("DELETE FROM provider_calls")
            var report = PaymentReport(kind, of: payment)
            if amount != 1 { report = PaymentReport(kind, of: payment.asking(amount)) }
            let judge = PaymentJudge(clock: WallClock { now })
            return (try judge.apply(report, in: transaction), payment.id)
        }
        return try await database.read { connection in
            (
                outcome,
                try connection.value("SELECT state FROM payments WHERE id = \(id)") ?? "",
                try connection.rows("SELECT kind FROM provider_calls WHERE payment_id = \(id)") { try $0[0] as String },
                try connection.outbox(after: 0, limit: 1000).map(\.type)
            )
        }
    }

    @Test func `money reserved or taken in time is the booking's`() async throws {
        let reserved = try await judge(.authorized, about: .initiated, of: .locked)
        #expect(reserved.outcome == .applied && reserved.state == "authorized")
        #expect(reserved.events == ["payment.succeeded"] && reserved.calls.isEmpty)
        #expect(try await judge(.succeeded, about: .capturing, of: .booked).state == "captured")
        #expect(try await judge(.authorized, about: .failed, of: .locked).state == "authorized")
    }

    @Test func `money taken for what was given up goes back at once`() async throws {
        for (state, booking) in [
            (.capturing, .cancelled), (.voidPending, .expired), (.voided, .refunded),
        ] as [(State, Booking.State)] {
            let taken = try await judge(.succeeded, about: state, of: booking)
            #expect(taken.state == "refund_pending" && taken.calls == ["refund"], "\(state)")
        }
    }

    @Test func `a repeat, and a report that does not fit, changes nothing`() async throws {
        for (kind, state) in [
            (.authorized, .authorized), (.authorized, .captured), (.succeeded, .captured), (.succeeded, .refunded),
            (.failed, .authorized), (.failed, .captured), (.captureFailed, .captured), (.voided, .captured),
            (.refunded, .captured), (.refunded, .voidPending), (.processing, .initiated),
        ] as [(PaymentReport.Kind, State)] {
            let judged = try await judge(kind, about: state, of: .booked)
            #expect(judged.outcome == .unchanged && judged.state == state.rawValue, "\(kind) about \(state)")
            #expect(judged.events.isEmpty && judged.calls.isEmpty)
        }
    }

    @Test func `money that came back is told, by whichever way it came`() async throws {
        #expect(try await judge(.voided, about: .voidPending, of: .expired).events == ["payment.refunded"])
        let refunded = try await judge(.refunded, about: .refundPending, of: .cancelled)
        #expect(refunded.state == "refunded" && refunded.events.count == 2)
    }

    @Test func `another amount is no report about the payment`() async throws {
        let judged = try await judge(.authorized, about: .initiated, of: .locked, amount: 2)
        #expect(judged.outcome == .amountMismatch && judged.state == "initiated" && judged.events.isEmpty)
    }
}

extension PaymentAttempt {
    fileprivate func asking(_ amount: Int64) -> PaymentAttempt {
        PaymentAttempt(
            id: id,
            bookingID: bookingID,
            provider: provider,
            state: state,
            amount: amount,
            currency: currency,
            options: options,
            createdAt: createdAt
        )
    }
}
