import Contracts
import ServiceKit
import System

/// `POST /v1/movies`.
struct NewMovie: Decodable, Sendable {
    static let maximumTitleLength = 200
    static let maximumDescriptionLength = 5000

    let title: String
    let durationMinutes: Int
    let description: String?

    func movie(at now: Timestamp) throws(Problem) -> Movie {
        try title.check("/title", upTo: Self.maximumTitleLength)
        guard (1...1000).contains(durationMinutes) else { throw .invalid("/duration_minutes", "1 to 1000") }
        guard (description ?? "").count <= Self.maximumDescriptionLength else {
            throw .invalid("/description", "at most \(Self.maximumDescriptionLength) characters")
        }
        return Movie(
            id: .version7(at: now),
            title: title,
            durationMinutes: durationMinutes,
            description: description ?? "",
            createdAt: now
        )
    }

    enum CodingKeys: String, CodingKey {
        case durationMinutes = "duration_minutes"
        case title, description
    }
}

/// `POST /v1/cinemas`.
struct NewCinema: Decodable, Sendable {
    let name: String
    let timeZone: String

    func cinema(at now: Timestamp) throws(Problem) -> Cinema {
        try name.check("/name", upTo: 100)
        guard (try? TimeZoneRules(timeZone)) != nil else { throw .invalid("/time_zone", "an IANA time zone") }
        return Cinema(id: .version7(at: now), name: name, timeZone: timeZone)
    }

    enum CodingKeys: String, CodingKey {
        case timeZone = "time_zone"
        case name
    }
}

/// `POST /v1/halls`.
struct NewHall: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        let row: String
        let seats: Int
        let category: String
    }

    let name: String
    let cinemaID: Identifier?
    let rows: [Row]

    func hall(at now: Timestamp) throws(Problem) -> Hall {
        try name.check("/name", upTo: 100)
        guard (1...Hall.maximumRows).contains(rows.count) else {
            throw .invalid("/rows", "1 to \(Hall.maximumRows) rows")
        }
        var names: Set<String> = []
        var seats: [HallSeat] = []
        for (index, row) in rows.enumerated() {
            guard (1...4).contains(row.row.utf8.count), row.row.utf8.allSatisfy({ (65...90).contains($0) }),
                names.insert(row.row).inserted
            else { throw .invalid("/rows/\(index)/row", "1 to 4 capital letters, each row once") }
            guard (1...Hall.maximumSeatsPerRow).contains(row.seats) else {
                throw .invalid("/rows/\(index)/seats", "1 to \(Hall.maximumSeatsPerRow)")
            }
            try row.category.check("/rows/\(index)/category", upTo: 40)
            for number in 1...row.seats {
                seats.append(
                    HallSeat(name: "\(row.row)\(number)", row: row.row, number: number, category: row.category)
                )
            }
        }
        return Hall(id: .version7(at: now), cinemaID: cinemaID ?? Cinema.defaultID, name: name, seats: seats)
    }

    enum CodingKeys: String, CodingKey {
        case cinemaID = "cinema_id"
        case name, rows
    }
}

/// `POST /v1/showtimes`.
struct NewShowtime: Decodable, Sendable {
    static let maximumPrice: Int64 = 1_000_000_000_000

    let movieID: Identifier
    let hallID: Identifier
    let startsAt: Timestamp
    let prices: [String: Int64]
    let currency: String

    func showtime(hall: Hall, zone: TimeZoneRules, at now: Timestamp) throws(Problem) -> Showtime {
        guard startsAt > now else { throw .invalid("/starts_at", "in the future") }
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw .invalid("/currency", "an ISO 4217 code")
        }
        guard Set(prices.keys) == Set(hall.seats.map(\.category)) else {
            throw .invalid("/prices", "a price for each category of the hall and no other")
        }
        guard prices.values.allSatisfy({ (0...Self.maximumPrice).contains($0) }) else {
            throw .invalid("/prices", "0 to \(Self.maximumPrice) minor units")
        }
        let local = startsAt.adding(seconds: zone.offsetSeconds(at: startsAt)).description
        return Showtime(
            id: .version7(at: now),
            movieID: movieID,
            hallID: hallID,
            startsAt: startsAt,
            localTime: "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))",
            currency: currency,
            prices: prices
        )
    }

    enum CodingKeys: String, CodingKey {
        case movieID = "movie_id"
        case hallID = "hall_id"
        case startsAt = "starts_at"
        case prices, currency
    }
}

extension String {
    /// Refuses an empty or too long text.
    fileprivate func check(_ pointer: String, upTo limit: Int) throws(Problem) {
        guard (1...limit).contains(count), !utf8.contains(where: { $0 < 32 }) else {
            throw .invalid(pointer, "1 to \(limit) characters")
        }
    }
}
