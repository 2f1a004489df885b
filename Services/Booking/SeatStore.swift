import Persistence
import System

extension Transaction {
    /// Locks a booking's seats; every one must be free.
    borrowing func lockSeats(of booking: Booking, until expiry: Timestamp) throws {
        for seat in booking.seats {
            try execute(
                """
                INSERT INTO seat_holds (showtime_id, seat, booking_id, user_id, state, expires_at)
                VALUES (\(booking.showtimeID), \(seat), \(booking.id), \(booking.userID), 'locked', \(expiry))
                """
            )
        }
        try seatsChanged(booking.showtimeID)
    }

    /// Turns a booking's locks into sold seats.
    borrowing func sellSeats(of booking: Booking) throws {
        try execute("UPDATE seat_holds SET state = 'booked', expires_at = NULL WHERE booking_id = \(booking.id)")
        try seatsChanged(booking.showtimeID)
    }

    /// Makes a booking's seats available.
    borrowing func freeSeats(of booking: Booking) throws {
        try execute("DELETE FROM seat_holds WHERE booking_id = \(booking.id)")
        try seatsChanged(booking.showtimeID)
    }

    private borrowing func seatsChanged(_ showtime: Identifier) throws {
        try execute(
            """
            INSERT INTO seat_versions (showtime_id, version) VALUES (\(showtime), 1)
            ON CONFLICT DO UPDATE SET version = version + 1
            """
        )
    }
}

extension Connection {
    /// All holds of a showtime.
    func holds(of showtime: Identifier) throws -> [SeatHold] {
        try rows("SELECT \(holdColumns) FROM seat_holds WHERE showtime_id = \(showtime)", decodeHold)
    }

    /// The holds that a decision needs: those on the seats and those of the user. Without `INDEXED BY` the planner, which
    /// knows no user's few seats from a hall's thousands, reads every hold of the showtime.
    func holds(of showtime: Identifier, on seats: [String], or user: Identifier) throws -> [SeatHold] {
        try rows(
            """
            SELECT \(holdColumns) FROM seat_holds WHERE showtime_id = \(showtime) AND seat IN (\(list: seats))
            UNION ALL
            SELECT \(holdColumns) FROM seat_holds INDEXED BY seat_holds_by_user
            WHERE showtime_id = \(showtime) AND user_id = \(user) AND seat NOT IN (\(list: seats))
            """,
            decodeHold
        )
    }

    /// How often the seats of a showtime have changed: their ETag.
    func seatsVersion(of showtime: Identifier) throws -> Int64 {
        try value("SELECT version FROM seat_versions WHERE showtime_id = \(showtime)") ?? 0
    }
}

private let holdColumns: SQL = "seat, booking_id, user_id, state, expires_at"

private func decodeHold(_ row: borrowing Row) throws -> SeatHold {
    SeatHold(
        seat: try row[0],
        bookingID: try row[1],
        userID: try row[2],
        state: try row[3],
        expiresAt: try row[4]
    )
}

extension SeatHold.State: ColumnValue {}
