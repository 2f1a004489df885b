import Persistence

/// The tables. Truth: all of them but `erased_users` and `banned_users`, which follow `user-events`.
enum BookingSchema {
    static let migrations = [
        Migration(1, "catalogue", catalogue),
        Migration(2, "bookings", bookings),
        Migration(3, "payments", payments),
        Migration(4, "tickets", tickets),
        Migration(5, "authorisation before capture", authorisations),
        Migration(6, "erased users", erasedUsers),
        Migration(7, "transfers and counts", transfersAndCounts),
        Migration(8, "banned users", bannedUsers),
        Migration(9, "traces of payments", "ALTER TABLE payments ADD COLUMN traceparent TEXT"),
    ]

    private static let catalogue = """
        CREATE TABLE movies (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            title TEXT NOT NULL,
            duration_minutes INTEGER NOT NULL,
            description TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE cinemas (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            time_zone TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO cinemas VALUES (x'00000000000070008000000000000001', 'Marquee', 'Asia/Ho_Chi_Minh');
        CREATE TABLE halls (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            cinema_id BLOB NOT NULL REFERENCES cinemas,
            name TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE hall_seats (
            hall_id BLOB NOT NULL REFERENCES halls,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            row TEXT NOT NULL,
            number INTEGER NOT NULL,
            category TEXT NOT NULL,
            PRIMARY KEY (hall_id, position),
            UNIQUE (hall_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE showtimes (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            movie_id BLOB NOT NULL REFERENCES movies,
            hall_id BLOB NOT NULL REFERENCES halls,
            starts_at INTEGER NOT NULL,
            local_time TEXT NOT NULL,
            local_date TEXT NOT NULL,
            currency TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX showtimes_by_start ON showtimes (starts_at, id);
        CREATE INDEX showtimes_by_movie ON showtimes (movie_id, starts_at, id);
        CREATE INDEX showtimes_by_date ON showtimes (local_date, starts_at, id);
        CREATE TABLE showtime_prices (
            showtime_id BLOB NOT NULL REFERENCES showtimes,
            category TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            PRIMARY KEY (showtime_id, category)
        ) STRICT, WITHOUT ROWID;

        """

    /// A seat has one row a showtime, so it cannot have two owners.
    private static let bookings = """
        CREATE TABLE bookings (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            movie_id BLOB NOT NULL REFERENCES movies,
            showtime_id BLOB NOT NULL REFERENCES showtimes,
            state TEXT NOT NULL,
            seats TEXT NOT NULL,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            reason TEXT,
            conflicts TEXT NOT NULL DEFAULT '',
            version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bookings_by_user ON bookings (user_id, id);
        CREATE INDEX bookings_by_expiry ON bookings (expires_at) WHERE state = 'locked';
        CREATE TABLE seat_holds (
            showtime_id BLOB NOT NULL REFERENCES showtimes,
            seat TEXT NOT NULL,
            booking_id BLOB NOT NULL REFERENCES bookings,
            user_id BLOB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('locked', 'booked')),
            expires_at INTEGER,
            PRIMARY KEY (showtime_id, seat)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX seat_holds_by_user ON seat_holds (showtime_id, user_id);
        CREATE INDEX seat_holds_by_booking ON seat_holds (booking_id);
        CREATE TABLE seat_versions (
            showtime_id BLOB PRIMARY KEY REFERENCES showtimes,
            version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    private static let payments = """
        CREATE TABLE payments (
            id TEXT PRIMARY KEY,
            booking_id BLOB NOT NULL REFERENCES bookings,
            provider TEXT NOT NULL,
            state TEXT NOT NULL,
            verdict TEXT,
            amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            options TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX payments_by_booking ON payments (booking_id, created_at);
        CREATE TABLE provider_calls (
            id INTEGER PRIMARY KEY,
            payment_id TEXT NOT NULL REFERENCES payments,
            kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
            attempts INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL,
            UNIQUE (payment_id, kind)
        ) STRICT;
        CREATE INDEX provider_calls_by_due ON provider_calls (due_at, id);
        CREATE TABLE sandbox_reports (
            id INTEGER PRIMARY KEY,
            webhook_id TEXT NOT NULL,
            body TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sandbox_reports_by_due ON sandbox_reports (due_at, id);
        CREATE TABLE sandbox_requests (
            idempotency_key TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID;

        """

    private static let tickets = """
        CREATE TABLE tickets (
            booking_id BLOB NOT NULL REFERENCES bookings,
            seat TEXT NOT NULL,
            checked_in_at INTEGER,
            PRIMARY KEY (booking_id, seat)
        ) STRICT, WITHOUT ROWID;
        """

    private static let authorisations = """
        CREATE TABLE provider_calls_of_5 (
            id INTEGER PRIMARY KEY,
            payment_id TEXT NOT NULL REFERENCES payments,
            kind TEXT NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund')),
            attempts INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL,
            UNIQUE (payment_id, kind)
        ) STRICT;
        INSERT INTO provider_calls_of_5 SELECT id, payment_id,
            CASE kind WHEN 'charge' THEN 'authorize' ELSE kind END, attempts, due_at FROM provider_calls;
        DROP TABLE provider_calls;
        ALTER TABLE provider_calls_of_5 RENAME TO provider_calls;
        CREATE INDEX provider_calls_by_due ON provider_calls (due_at, id);
        UPDATE payments SET state = 'captured' WHERE state = 'succeeded'
        """

    /// Bookings of an erased account stay, as money does; nobody is told anything about them any more.
    private static let erasedUsers = """
        CREATE TABLE erased_users (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            erased_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// A projection of `user-events`.
    private static let bannedUsers = """
        CREATE TABLE banned_users (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16)
        ) STRICT, WITHOUT ROWID;
        """

    /// Counts are those of the events so far: a ticket is issued once; bookings that gave seats back tell why.
    private static let transfersAndCounts = """
        ALTER TABLE bookings ADD COLUMN transfers INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE ticket_counts (
            showtime_id BLOB PRIMARY KEY REFERENCES showtimes,
            booked INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            checked_in INTEGER NOT NULL,
            revenue INTEGER NOT NULL,
            is_reported INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ticket_counts_unreported ON ticket_counts (showtime_id) WHERE is_reported = 0;
        WITH counted AS (
            SELECT *, length(seats) - length(replace(seats, ',', '')) + 1 AS size,
                EXISTS (SELECT 1 FROM tickets WHERE booking_id = bookings.id) AS had_tickets
            FROM bookings
        )
        INSERT INTO ticket_counts SELECT showtime_id, coalesce(sum(had_tickets * size), 0),
            coalesce(sum((state IN ('cancelled', 'refunded') AND reason <> 'expired') * size), 0),
            coalesce(sum((state IN ('expired', 'refunded') AND reason = 'expired') * size), 0),
            coalesce(sum((SELECT count(checked_in_at) FROM tickets WHERE booking_id = counted.id)), 0),
            coalesce(sum(had_tickets * amount), 0), 0
        FROM counted GROUP BY showtime_id
        """
}
