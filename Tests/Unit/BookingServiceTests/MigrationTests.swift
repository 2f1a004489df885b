import Contracts
import Persistence
import System
import TestSupport
import Testing

@testable import BookingService

struct MigrationTests {
    /// Serves a file with the first steps of the schema for as long as `body` takes.
    private func with<Result: Sendable>(
        _ path: String,
        steps: Int,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Result
    ) async throws -> Result {
        let migrations = Array(BookingSchema.migrations.prefix(steps))
        let database = try Database.open(Database.Configuration(path: path), migrations: migrations)
        let result = try await database.write { try body($0) }
        await database.close()
        return result
    }

    @Test func `a file from before captures and counts keeps what it knows`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.appending("booking.sqlite")
        let id = Identifier.version7(at: Timestamp(milliseconds: 1))
        try await with(path, steps: 4) { transaction in
            for statement in [
                "INSERT INTO movies VALUES (\(id), '', 1, '', 0)",
                "INSERT INTO halls SELECT \(id), id, '' FROM cinemas",
                "INSERT INTO showtimes VALUES (\(id), \(id), \(id), 0, '', '', 'VND')",
            ] as [SQL] { try transaction.execute(statement) }
            let bookings: [(state: String, reason: String?, seats: String)] = [
                ("booked", nil, "A1,A2"), ("refunded", "cancelled", "B1"), ("refunded", "expired", "C1,C2,C3"),
                ("expired", "expired", "D1"), ("rejected", "seats_taken", "E1"), ("locked", nil, "F1"),
            ]
            for (index, row) in bookings.enumerated() {
                let booking = Identifier.version7(at: Timestamp(milliseconds: Int64(index)))
                try transaction.execute(
                    """
                    INSERT INTO bookings (id, user_id, movie_id, showtime_id, state, reason, seats, amount, currency,
                        created_at, version)
                    VALUES (\(booking), \(id), \(id), \(id), \(row.state), \(row.reason), \(row.seats), 10, 'VND', 0, 1)
                    """
                )
                guard index < 2 else { continue }
                for seat in row.seats.split(separator: ",").map(String.init) {
                    try transaction.execute("INSERT INTO tickets VALUES (\(booking), \(seat), \(index == 0 ? 5 : nil))")
                }
                let payment = "p\(index)"
                try transaction.execute(
                    """
                    INSERT INTO payments VALUES (\(payment), \(booking), 'sandbox', 'succeeded', NULL, 10, 'VND', '{}', 0)
                    """
                )
                try transaction.execute(
                    "INSERT INTO provider_calls (payment_id, kind, due_at) VALUES (\(payment), 'charge', 0)"
                )
            }
        }
        let (states, calls, counts) = try await with(path, steps: BookingSchema.migrations.count) { transaction in
            (
                try transaction.rows("SELECT DISTINCT state FROM payments") { try $0[0] as String },
                try transaction.rows("SELECT kind FROM provider_calls") { try $0[0] as String },
                try transaction.connection.unreportedCounts(after: nil, limit: 10)
            )
        }
        #expect(states == ["captured"] && calls == ["authorize", "authorize"])
        #expect(counts.count == 1)
        #expect(counts[0].booked == 3 && counts[0].cancelled == 1 && counts[0].expired == 4)
        #expect(counts[0].checkedIn == 2 && counts[0].revenue == 20)
    }
}
