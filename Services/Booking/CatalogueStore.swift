import Persistence
import System

extension Transaction {
    borrowing func insert(_ movie: Movie) throws {
        try execute(
            """
            INSERT INTO movies (id, title, duration_minutes, description, created_at)
            VALUES (\(movie.id), \(movie.title), \(movie.durationMinutes), \(movie.description), \(movie.createdAt))
            """
        )
    }

    borrowing func insert(_ cinema: Cinema) throws {
        try execute(
            "INSERT INTO cinemas (id, name, time_zone) VALUES (\(cinema.id), \(cinema.name), \(cinema.timeZone))"
        )
    }

    borrowing func insert(_ hall: Hall) throws {
        try execute("INSERT INTO halls (id, cinema_id, name) VALUES (\(hall.id), \(hall.cinemaID), \(hall.name))")
        for (position, seat) in hall.seats.enumerated() {
            try execute(
                """
                INSERT INTO hall_seats (hall_id, position, name, row, number, category)
                VALUES (\(hall.id), \(position), \(seat.name), \(seat.row), \(seat.number), \(seat.category))
                """
            )
        }
    }

    borrowing func insert(_ showtime: Showtime) throws {
        try execute(
            """
            INSERT INTO showtimes (id, movie_id, hall_id, starts_at, local_time, local_date, currency)
            VALUES (\(showtime.id), \(showtime.movieID), \(showtime.hallID), \(showtime.startsAt),
                \(showtime.localTime), \(showtime.localDate), \(showtime.currency))
            """
        )
        for (category, amount) in showtime.prices {
            try execute(
                """
                INSERT INTO showtime_prices (showtime_id, category, amount)
                VALUES (\(showtime.id), \(category), \(amount))
                """
            )
        }
    }
}

extension Connection {
    func movie(_ id: Identifier) throws -> Movie? {
        try first("SELECT \(movieColumns) FROM movies WHERE id = \(id)", decodeMovie)
    }

    /// Movies after a key, oldest first.
    func movies(after id: Identifier?, limit: Int) throws -> [Movie] {
        let low = id?.bytes ?? []
        return try rows("SELECT \(movieColumns) FROM movies WHERE id > \(low) ORDER BY id LIMIT \(limit)", decodeMovie)
    }

    func cinema(_ id: Identifier) throws -> Cinema? {
        try first("SELECT id, name, time_zone FROM cinemas WHERE id = \(id)") { row in
            Cinema(id: try row[0], name: try row[1], timeZone: try row[2])
        }
    }

    func hall(_ id: Identifier) throws -> Hall? {
        let seats = try rows(
            "SELECT name, row, number, category FROM hall_seats WHERE hall_id = \(id) ORDER BY position"
        ) { row in
            HallSeat(name: try row[0], row: try row[1], number: try row[2], category: try row[3])
        }
        return try first("SELECT id, cinema_id, name FROM halls WHERE id = \(id)") { row in
            Hall(id: try row[0], cinemaID: try row[1], name: try row[2], seats: seats)
        }
    }

    /// Those of the names that are seats of the hall.
    func seats(_ names: [String], of hall: Identifier) throws -> [String: HallSeat] {
        var found: [String: HallSeat] = [:]
        for name in names {
            found[name] = try first(
                "SELECT name, row, number, category FROM hall_seats WHERE hall_id = \(hall) AND name = \(name)"
            ) { row in
                HallSeat(name: try row[0], row: try row[1], number: try row[2], category: try row[3])
            }
        }
        return found
    }

    func showtime(_ id: Identifier) throws -> Showtime? {
        let prices = try prices(of: id)
        return try first("SELECT \(showtimeColumns) FROM showtimes WHERE id = \(id)") { row in
            try decodeShowtime(row, prices: prices)
        }
    }

    /// Showtimes in order of start, after a key, of one movie or day when given.
    func showtimes(_ filter: ShowtimeFilter, after key: ShowtimeKey?, limit: Int) throws -> [Showtime] {
        let start = key?.startsAt.milliseconds ?? .min
        let id = key?.id.bytes ?? []
        let condition: SQL =
            switch filter {
            case .all: "1"
            case .movie(let movie): "movie_id = \(movie)"
            case .date(let date): "local_date = \(date)"
            case .movieOnDate(let movie, let date): "movie_id = \(movie) AND local_date = \(date)"
            }
        let found = try rows(
            """
            SELECT \(showtimeColumns) FROM showtimes
            WHERE \(condition) AND (starts_at, id) > (\(start), \(id)) ORDER BY starts_at, id LIMIT \(limit)
            """
        ) { row in try decodeShowtime(row, prices: [:]) }
        return try found.map { showtime in
            Showtime(
                id: showtime.id,
                movieID: showtime.movieID,
                hallID: showtime.hallID,
                startsAt: showtime.startsAt,
                localTime: showtime.localTime,
                currency: showtime.currency,
                prices: try prices(of: showtime.id)
            )
        }
    }

    private func prices(of showtime: Identifier) throws -> [String: Int64] {
        let pairs = try rows("SELECT category, amount FROM showtime_prices WHERE showtime_id = \(showtime)") { row in
            (try row[0] as String, try row[1] as Int64)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}

/// Which showtimes a list holds.
enum ShowtimeFilter: Sendable {
    case all
    case movie(Identifier)
    case date(String)
    case movieOnDate(Identifier, String)
}

/// The place of a showtime in lists.
struct ShowtimeKey: Sendable {
    let startsAt: Timestamp
    let id: Identifier
}

private let movieColumns: SQL = "id, title, duration_minutes, description, created_at"
private let showtimeColumns: SQL = "id, movie_id, hall_id, starts_at, local_time, currency"

private func decodeMovie(_ row: borrowing Row) throws -> Movie {
    Movie(
        id: try row[0],
        title: try row[1],
        durationMinutes: try row[2],
        description: try row[3],
        createdAt: try row[4]
    )
}

private func decodeShowtime(_ row: borrowing Row, prices: [String: Int64]) throws -> Showtime {
    Showtime(
        id: try row[0],
        movieID: try row[1],
        hallID: try row[2],
        startsAt: try row[3],
        localTime: try row[4],
        currency: try row[5],
        prices: prices
    )
}
