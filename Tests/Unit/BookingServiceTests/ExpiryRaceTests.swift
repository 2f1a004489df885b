import Contracts
import Persistence
import ServiceKit
import System
import TestSupport
import Testing

@testable import BookingService

/// Payment and expiry of one lock at the same millisecond, in both orders: the clock alone decides, not who comes first.
struct ExpiryRaceTests {
    private static let expiry = Timestamp(milliseconds: 1_742_378_400_000)
    private static let beforeExpiry = expiry.adding(milliseconds: -1)

    private let directory: TemporaryDirectory
    private let database: Database
    private let lock: LockExpiry

    init() throws {
        directory = try TemporaryDirectory()
        database = try Database.open(
            Database.Configuration(path: directory.appending("booking.sqlite")),
            migrations: BookingSchema.migrations
        )
        lock = LockExpiry(database: database, changes: Changes<Booking>())
    }

    @Test func `in the last millisecond a payment counts, and the lock's end comes too late`() async throws {
        let (booking, payment) = try await lockedBooking()
        try await pay(payment, at: Self.beforeExpiry)
        _ = try await lock.step(at: Self.expiry)
        #expect(try await outcome(of: booking, payment) == .paid)
    }

    @Test func `in the last millisecond the lock does not end, so the payment behind it counts`() async throws {
        let (booking, payment) = try await lockedBooking()
        let next = try await lock.step(at: Self.beforeExpiry)
        #expect(next == Self.expiry)
        try await pay(payment, at: Self.beforeExpiry)
        #expect(try await outcome(of: booking, payment) == .paid)
    }

    @Test func `at the instant of expiry a payment is late, even when it comes before the lock's end`() async throws {
        let (booking, payment) = try await lockedBooking()
        try await pay(payment, at: Self.expiry)
        _ = try await lock.step(at: Self.expiry)
        #expect(try await outcome(of: booking, payment) == .expired)
    }

    @Test func `at the instant of expiry a payment behind the lock's end is late`() async throws {
        let (booking, payment) = try await lockedBooking()
        _ = try await lock.step(at: Self.expiry)
        try await pay(payment, at: Self.expiry)
        #expect(try await outcome(of: booking, payment) == .expired)
    }

    @Test func `of a payment and an end at once there is one winner, and the seat is its`() async throws {
        for _ in 0..<50 {
            let (booking, payment) = try await lockedBooking()
            async let end = lock.step(at: Self.expiry)
            async let paid: Void = pay(payment, at: Self.beforeExpiry)
            _ = try await (end, paid)
            let found = try await outcome(of: booking, payment)
            let held = try await database.read { try $0.holds(of: booking.showtimeID).count }
            #expect(
                found == .paid && held == 1
                    || found == .expired && held == 0,
                "\(found), \(held) seats held"
            )
        }
    }

    /// A booking whose lock ends at ``expiry``, and an attempt to pay for it.
    private func lockedBooking() async throws -> (Booking, PaymentAttempt) {
        try await database.write { transaction in
            let start = Self.expiry.adding(seconds: -300)
            let (movie, hall) = (Identifier.version7(at: start), Identifier.version7(at: start))
            try transaction.insert(Movie(id: movie, title: "", durationMinutes: 1, description: "", createdAt: start))
            let seat = HallSeat(name: "A1", row: "A", number: 1, category: "c")
            try transaction.insert(Hall(id: hall, cinemaID: Cinema.defaultID, name: "", seats: [seat]))
            let showtime = Showtime(
                id: .version7(at: start),
                movieID: movie,
                hallID: hall,
                startsAt: Self.expiry.adding(seconds: 86_400),
                localTime: "2025-03-20 19:00",
                currency: "VND",
                prices: ["c": 90_000]
            )
            try transaction.insert(showtime)
            let booking = Booking(
                id: .version7(at: start),
                userID: .version7(at: start),
                showtime: showtime,
                seats: ["A1"],
                amount: 90_000,
                at: start
            )
            try transaction.insert(booking)
            #expect(try transaction.lock(booking, until: Self.expiry, at: start, cause: nil))
            let payment = PaymentAttempt(
                id: "pay_\(booking.id)",
                bookingID: booking.id,
                provider: "sandbox",
                state: .initiated,
                amount: 90_000,
                currency: "VND",
                options: "{}",
                createdAt: start
            )
            try transaction.insert(payment)
            return (booking, payment)
        }
    }

    private func pay(_ payment: PaymentAttempt, at now: Timestamp) async throws {
        let judge = PaymentJudge(clock: WallClock { now })
        let applied = try await database.write { try judge.apply(PaymentReport(.authorized, of: payment), in: $0) }
        #expect(applied == .applied)
    }

    private func outcome(of booking: Booking, _ payment: PaymentAttempt) async throws -> Outcome {
        try await database.read { connection in
            Outcome(
                booking: try connection.booking(booking.id)?.state,
                payment: try connection.payment(payment.id)?.state,
                verdict: try connection.payment(payment.id)?.verdict
            )
        }
    }
}

/// How a race ended.
private struct Outcome: Equatable, Sendable {
    let booking: Booking.State?
    let payment: PaymentAttempt.State?
    let verdict: PaymentVerdict?

    static let paid = Outcome(booking: .paid, payment: .authorized, verdict: .inTime)
    static let expired = Outcome(booking: .expired, payment: .authorized, verdict: .late)
}
