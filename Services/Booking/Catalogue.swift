import System

/// A film.
struct Movie: Sendable, Equatable {
    let id: Identifier
    let title: String
    let durationMinutes: Int
    let description: String
    let createdAt: Timestamp
}

/// A house with halls; its time zone is that of its programme.
struct Cinema: Sendable, Equatable {
    let id: Identifier
    let name: String
    let timeZone: String
}

/// A place in a hall.
struct HallSeat: Sendable, Equatable {
    /// Row and number, such as `A1`: what people ask for.
    let name: String
    let row: String
    let number: Int
    let category: String
}

/// A room with numbered seats.
struct Hall: Sendable, Equatable {
    let id: Identifier
    let cinemaID: Identifier
    let name: String
    let seats: [HallSeat]

    /// Limits of what an admin may make.
    static let maximumRows = 60
    static let maximumSeatsPerRow = 60
}

/// A film shown in a hall at an instant, with its prices.
struct Showtime: Sendable, Equatable {
    let id: Identifier
    let movieID: Identifier
    let hallID: Identifier
    let startsAt: Timestamp
    /// The start in the cinema's local time, `2025-03-20 19:00`: what the ticket says.
    let localTime: String
    let currency: String
    /// Minor units by seat category.
    let prices: [String: Int64]

    /// The local date, `2025-03-20`.
    var localDate: String { String(localTime.prefix(10)) }
    /// The local time of day, `19:00`.
    var timeOfDay: String { String(localTime.suffix(5)) }

    /// What seats of the given categories cost together; nil when one has no price.
    func amount(of seats: [HallSeat]) -> Int64? {
        var total: Int64 = 0
        for seat in seats {
            guard let price = prices[seat.category] else { return nil }
            total += price
        }
        return total
    }
}

/// The default house, made with the schema.
extension Cinema {
    // A constant of the right form.
    static let defaultID = Identifier("00000000-0000-7000-8000-000000000001")!
    static let defaultTimeZone = "Asia/Ho_Chi_Minh"
}
