import Persistence
import System
import TestSupport

@testable import BookingService

/// Rows that tests begin with.
enum Catalogue {
    /// A film, a house, a hall, a showtime and a booking that is asked for and locked.
    static func fill(_ transaction: borrowing Transaction, at now: Timestamp) throws -> Booking {
        let (movie, hall, show) = (
            Identifier.version7(at: now), Identifier.version7(at: now), Identifier.version7(at: now)
        )
        try transaction.insert(Movie(id: movie, title: "", durationMinutes: 1, description: "", createdAt: now))
        try transaction.insert(Cinema(id: .version7(at: now), name: "", timeZone: Cinema.defaultTimeZone))
        let seat = HallSeat(name: "A1", row: "A", number: 1, category: "c")
        try transaction.insert(Hall(id: hall, cinemaID: Cinema.defaultID, name: "", seats: [seat]))
        let showtime = Showtime(
            id: show,
            movieID: movie,
            hallID: hall,
            startsAt: now,
            localTime: "2025-03-20 19:00",
            currency: "VND",
            prices: ["c": 1]
        )
        try transaction.insert(showtime)
        let user = Identifier.version7(at: now)
        let booking = Booking(
            id: .version7(at: now),
            userID: user,
            showtime: showtime,
            seats: ["A1"],
            amount: 1,
            at: now
        )
        try transaction.insert(booking)
        try transaction.lockSeats(of: booking, until: now)
        return booking
    }
}
