import Contracts
import Security
import ServiceKit
import System
import TestSupport
import Testing

@testable import BookingService
@testable import Persistence

/// Runs every statement of Booking's stores once, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("booking.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: BookingSchema.migrations)
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let booking = try await database.write { [now] in try Catalogue.fill($0, at: now) }
        try await database.read { [now] in try readAll($0, booking, at: now) }
        try await database.write { [now] in try changeAll($0, booking, at: now) }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 45, "\(plans.count) statements")
        for (text, steps) in plans {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    @Test func `a decision reads the holds of its seats and its user, not the hall's`() async throws {
        let (showtime, user) = (Identifier.version7(at: now), Identifier.version7(at: now))
        try await database.read { _ = try $0.holds(of: showtime, on: ["A1"], or: user) }
        let plan = try #require(try await database.preparedQueryPlans().first { $0.key.contains("UNION ALL") })
        let steps = plan.value.filter { $0.hasPrefix("SEARCH") }
        #expect(steps.count == 2)
        #expect(steps.allSatisfy { $0.contains("AND seat=?") || $0.contains("AND user_id=?") }, "\(steps)")
    }
}

private func readAll(_ connection: Connection, _ booking: Booking, at now: Timestamp) throws {
    let (id, user, showtime) = (booking.id, booking.userID, booking.showtimeID)
    _ = try connection.booking(id)
    _ = try connection.bookings(of: user, before: nil, limit: 10)
    _ = try connection.expiredBookings(at: now, limit: 10)
    _ = try connection.nextExpiry()
    _ = try connection.movie(booking.movieID)
    _ = try connection.movies(after: nil, limit: 10)
    _ = try connection.cinema(Cinema.defaultID)
    let hall = try connection.showtime(showtime).flatMap { try connection.hall($0.hallID) }
    #expect(hall?.seats.count == 1)
    for filter in [.all, .movie(id), .date(""), .movieOnDate(id, "")] as [ShowtimeFilter] {
        _ = try connection.showtimes(filter, after: ShowtimeKey(startsAt: now, id: id), limit: 10)
    }
    _ = try connection.holds(of: showtime)
    _ = try connection.holds(of: showtime, on: ["A1"], or: user)
    _ = try connection.seatsVersion(of: showtime)
    _ = try connection.payment("")
    _ = try connection.payments(of: id)
    _ = try connection.dueProviderCalls(at: now, limit: 10)
    _ = try connection.dueSandboxReports(at: now, limit: 10)
    _ = try connection.hasCheckedIn(id)
    _ = try connection.hasTicket(Ticket(of: booking, seat: "A1"))
    _ = try connection.unreportedCounts(after: nil, limit: 10)
    _ = try connection.consumed(by: ["g"])
    #expect(try !connection.isErased(user))
}

private func changeAll(_ transaction: borrowing Transaction, _ booking: Booking, at now: Timestamp) throws {
    let payment = PaymentAttempt(
        id: "p",
        bookingID: booking.id,
        provider: "sandbox",
        state: .authorized,
        amount: 1,
        currency: "VND",
        options: "{}",
        createdAt: now
    )
    try transaction.insert(payment)
    try transaction.capture(payment, at: now)
    try transaction.giveBack(payment, at: now)
    let call = ProviderCall(id: 1, payment: payment, kind: .authorize, attempts: 0)
    try transaction.postpone(call, until: now)
    try transaction.finish(call)
    let report = SandboxReport(webhookID: "w", body: "", dueAt: now)
    _ = try transaction.acceptSandboxRequest("k", reports: [report])
    try transaction.postpone(report, until: now)
    try transaction.finish(report)
    _ = try transaction.insertIntoInbox(source: "s", id: "i", at: now)

    var locked = booking
    locked.state = .locked
    locked.expiresAt = now
    #expect(try transaction.advance(booking, to: locked))
    #expect(try transaction.markPaid(booking.id, at: now.adding(milliseconds: -1)))
    try transaction.sellSeats(of: booking)
    try transaction.issueTickets(for: booking)
    var booked = locked
    booked.state = .booked
    var paid = locked
    paid.state = .paid
    #expect(try transaction.advance(paid, to: booked))
    #expect(try transaction.transfer(booked, to: booking.movieID))
    #expect(try transaction.checkIn(Ticket(of: booking, seat: "A1"), at: now))
    try transaction.freeSeats(of: booking)
    try transaction.publish(counting: TicketBooked(booking, at: now), at: now)
    try transaction.markReported(booking.showtimeID)
    try transaction.erase(booking.userID, at: now)
}
