import Contracts
import EventBus
import System

/// A booking as its owner sees it.
struct BookingView: Encodable, Sendable {
    let id: Identifier
    let state: String
    let showtimeID: Identifier
    let movieID: Identifier
    let seats: [String]
    let amount: Int64
    let currency: String
    let createdAt: Timestamp
    let expiresAt: Timestamp?
    let reason: String?
    let conflicts: [String]?

    init(_ booking: Booking) {
        id = booking.id
        state = booking.state.rawValue
        showtimeID = booking.showtimeID
        movieID = booking.movieID
        seats = booking.seats
        amount = booking.amount
        currency = booking.currency
        createdAt = booking.createdAt
        expiresAt = booking.expiresAt
        reason = booking.reason
        conflicts = booking.conflicts.isEmpty ? nil : booking.conflicts
    }

    enum CodingKeys: String, CodingKey {
        case showtimeID = "showtime_id"
        case movieID = "movie_id"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case id, state, seats, amount, currency, reason, conflicts
    }

    /// Written by hand: two for every request.
    func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("amount", amount)
        object.add("conflicts", conflicts)
        object.add("created_at", createdAt)
        object.add("currency", currency)
        object.add("expires_at", expiresAt)
        object.add("id", id)
        object.add("movie_id", movieID)
        object.add("reason", reason)
        object.add("seats", seats)
        object.add("showtime_id", showtimeID)
        object.add("state", state)
        return object.finish()
    }
}

/// A seat of a showtime as everybody sees it: whose it is stays hidden.
struct SeatView: Encodable, Sendable {
    let seat: String
    let row: String
    let number: Int
    let category: String
    let price: Int64
    let state: String
    let lockExpiresAt: Timestamp?

    init(_ seat: HallSeat, hold: SeatHold?, showtime: Showtime, now: Timestamp) {
        self.seat = seat.name
        row = seat.row
        number = seat.number
        category = seat.category
        price = showtime.prices[seat.category] ?? 0
        let valid = hold.flatMap { $0.isExpired(at: now) ? nil : $0 }
        state = valid?.state.rawValue ?? "available"
        lockExpiresAt = valid?.expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case lockExpiresAt = "lock_expires_at"
        case seat, row, number, category, price, state
    }
}

/// A ticket as its owner sees it.
struct TicketView: Encodable, Sendable {
    let seat: String
    let code: String
    let qrURL: String

    enum CodingKeys: String, CodingKey {
        case qrURL = "qr_svg_url"
        case seat, code
    }
}

/// A film.
struct MovieView: Encodable, Sendable {
    let id: Identifier
    let title: String
    let durationMinutes: Int
    let description: String
    let createdAt: Timestamp

    init(_ movie: Movie) {
        id = movie.id
        title = movie.title
        durationMinutes = movie.durationMinutes
        description = movie.description
        createdAt = movie.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case durationMinutes = "duration_minutes"
        case createdAt = "created_at"
        case id, title, description
    }
}

/// A showtime.
struct ShowtimeView: Encodable, Sendable {
    let id: Identifier
    let movieID: Identifier
    let hallID: Identifier
    let startsAt: Timestamp
    let localTime: String
    let prices: [String: Int64]
    let currency: String

    init(_ showtime: Showtime) {
        id = showtime.id
        movieID = showtime.movieID
        hallID = showtime.hallID
        startsAt = showtime.startsAt
        localTime = showtime.localTime
        prices = showtime.prices
        currency = showtime.currency
    }

    enum CodingKeys: String, CodingKey {
        case movieID = "movie_id"
        case hallID = "hall_id"
        case startsAt = "starts_at"
        case localTime = "local_time"
        case id, prices, currency
    }
}

/// A hall with the number of its seats.
struct HallView: Encodable, Sendable {
    let id: Identifier
    let cinemaID: Identifier
    let name: String
    let seats: Int

    init(_ hall: Hall) {
        id = hall.id
        cinemaID = hall.cinemaID
        name = hall.name
        seats = hall.seats.count
    }

    enum CodingKeys: String, CodingKey {
        case cinemaID = "cinema_id"
        case id, name, seats
    }
}

/// A house.
struct CinemaView: Encodable, Sendable {
    let id: Identifier
    let name: String
    let timeZone: String

    init(_ cinema: Cinema) {
        id = cinema.id
        name = cinema.name
        timeZone = cinema.timeZone
    }

    enum CodingKeys: String, CodingKey {
        case timeZone = "time_zone"
        case id, name
    }
}

/// What the audit of a showtime found.
struct AuditView: Encodable, Sendable {
    struct ViolationView: Encodable, Sendable {
        let offset: Int64
        let seat: String
        let problem: String
    }

    let showtimeID: Identifier
    let entries: Int
    let repeats: Int
    let lockedSeats: [String]
    let bookedSeats: [String]
    let violations: [ViolationView]

    init(_ showtime: Identifier, _ ledger: SeatLedger) {
        showtimeID = showtime
        entries = ledger.entries
        repeats = ledger.repeats
        lockedSeats = ledger.lockedSeats
        bookedSeats = ledger.bookedSeats
        violations = ledger.violations.map { ViolationView(offset: $0.offset, seat: $0.seat, problem: $0.problem) }
    }

    enum CodingKeys: String, CodingKey {
        case showtimeID = "showtime_id"
        case lockedSeats = "locked_seats"
        case bookedSeats = "booked_seats"
        case entries, repeats, violations
    }
}
