import Persistence
import System

extension Transaction {
    borrowing func insert(_ booking: Booking) throws {
        try execute(
            """
            INSERT INTO bookings (id, user_id, movie_id, showtime_id, state, seats, amount, currency, created_at, version)
            VALUES (\(booking.id), \(booking.userID), \(booking.movieID), \(booking.showtimeID), \(booking.state),
                \(booking.seats.joined(separator: ",")), \(booking.amount), \(booking.currency), \(booking.createdAt),
                \(booking.version))
            """
        )
    }

    /// Moves a booking on if it still is in the state that `booking` was read in; false when it is not. The new values
    /// of state, expiry, reason and conflicts are those of `next`.
    borrowing func advance(_ booking: Booking, to next: Booking) throws -> Bool {
        let changed = try execute(
            """
            UPDATE bookings SET state = \(next.state), expires_at = \(next.expiresAt), reason = \(next.reason),
                conflicts = \(next.conflicts.joined(separator: ",")), version = version + 1
            WHERE id = \(booking.id) AND state = \(booking.state)
            """
        )
        return changed == 1
    }

    /// Gives a booking with tickets to another person; false when it has moved on since it was read. Codes that were
    /// shown before are worth nothing from now on.
    borrowing func transfer(_ booking: Booking, to user: Identifier) throws -> Bool {
        let changed = try execute(
            """
            UPDATE bookings SET user_id = \(user), transfers = transfers + 1, version = version + 1
            WHERE id = \(booking.id) AND state = 'booked' AND transfers = \(booking.transfers)
            """
        )
        guard changed == 1 else { return false }
        try execute("UPDATE seat_holds SET user_id = \(user) WHERE booking_id = \(booking.id)")
        return true
    }

    /// The one judge of payment against expiry: true when the lock was valid and is now a paid one without end.
    borrowing func markPaid(_ id: Identifier, at now: Timestamp) throws -> Bool {
        let changed = try execute(
            """
            UPDATE bookings SET state = 'paid', expires_at = NULL, version = version + 1
            WHERE id = \(id) AND state = 'locked' AND expires_at > \(now)
            """
        )
        guard changed == 1 else { return false }
        try execute("UPDATE seat_holds SET expires_at = NULL WHERE booking_id = \(id)")
        return true
    }
}

extension Connection {
    func booking(_ id: Identifier) throws -> Booking? {
        try first("SELECT \(bookingColumns) FROM bookings WHERE id = \(id)", decodeBooking)
    }

    /// A user's bookings, newest first, before a key.
    func bookings(of user: Identifier, before id: Identifier?, limit: Int) throws -> [Booking] {
        let high = id?.bytes ?? [UInt8](repeating: 0xFF, count: 17)
        return try rows(
            """
            SELECT \(bookingColumns) FROM bookings WHERE user_id = \(user) AND id < \(high)
            ORDER BY id DESC LIMIT \(limit)
            """,
            decodeBooking
        )
    }

    /// Bookings whose lock has ended, earliest first.
    func expiredBookings(at now: Timestamp, limit: Int) throws -> [Booking] {
        try rows(
            """
            SELECT \(bookingColumns) FROM bookings WHERE state = 'locked' AND expires_at <= \(now)
            ORDER BY expires_at LIMIT \(limit)
            """,
            decodeBooking
        )
    }

    /// When the next lock ends; nil when nothing is locked.
    func nextExpiry() throws -> Timestamp? {
        try value(
            "SELECT expires_at FROM bookings WHERE state = 'locked' AND expires_at > 0 ORDER BY expires_at LIMIT 1"
        )
    }
}

private let bookingColumns: SQL = """
    id, user_id, movie_id, showtime_id, state, seats, amount, currency, created_at, expires_at, reason, conflicts, version,
    transfers
    """

private func decodeBooking(_ row: borrowing Row) throws -> Booking {
    Booking(
        id: try row[0],
        userID: try row[1],
        movieID: try row[2],
        showtimeID: try row[3],
        state: try row[4],
        seats: (try row[5] as String).split(separator: ",").map(String.init),
        amount: try row[6],
        currency: try row[7],
        createdAt: try row[8],
        expiresAt: try row[9],
        reason: try row[10],
        conflicts: (try row[11] as String).split(separator: ",").map(String.init),
        version: try row[12],
        transfers: try row[13]
    )
}

extension Booking.State: ColumnValue {}
