import Persistence
import Synchronization
import System

/// What requests for seats are checked against, kept once read: showtimes, halls and prices are made once and never change.
/// Any thread.
final class CatalogueCache: Sendable {
    /// Seats, and showtimes, that are kept at most.
    static let maximumEntries = 20_000

    private struct Seat: Hashable {
        let hall: Identifier
        let name: String
    }

    private struct State {
        var showtimes: [Identifier: Showtime] = [:]
        var seats: [Seat: HallSeat] = [:]
    }

    private let database: Database
    private let state = Mutex(State())

    init(database: Database) {
        self.database = database
    }

    /// A showtime; nil when there is none.
    func showtime(_ id: Identifier) async throws -> Showtime? {
        if let known = state.withLock({ $0.showtimes[id] }) { return known }
        guard let showtime = try await database.read({ try $0.showtime(id) }) else { return nil }
        state.withLock { state in
            if state.showtimes.count >= Self.maximumEntries { state.showtimes = [:] }
            state.showtimes[id] = showtime
        }
        return showtime
    }

    /// Those of the seats that the hall has.
    func seats(_ names: [String], of hall: Identifier) async throws -> [String: HallSeat] {
        let known = state.withLock { state in
            names.reduce(into: [:]) { $0[$1] = state.seats[Seat(hall: hall, name: $1)] }
        }
        if known.count == names.count { return known }
        let found = try await database.read { try $0.seats(names, of: hall) }
        state.withLock { state in
            if state.seats.count >= Self.maximumEntries { state.seats = [:] }
            for (name, seat) in found { state.seats[Seat(hall: hall, name: name)] = seat }
        }
        return found
    }
}
