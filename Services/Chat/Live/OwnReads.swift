import Persistence
import ServiceKit
import Synchronization
import System

/// What people have read, told to all their own devices that are here, whichever it was read on and at whichever process: each
/// process reads it in the log. What comes between two steps is told once. Any thread.
final class OwnReads: Sendable {
    /// The shortest time between two steps in milliseconds.
    static let pauseMilliseconds: Int64 = 200
    /// Rooms of people that one look at the store is for.
    private static let batch = 256

    private struct State {
        var places: Set<RoomMarks.Place> = []
        var steppedAt = Timestamp(milliseconds: 0)
    }

    private let state = Mutex(State())
    private let database: Database
    private let live: Live

    init(database: Database, live: Live) {
        self.database = database
        self.live = live
    }

    /// Notes who has read; whether one of them is here.
    func note(_ places: [RoomMarks.Place]) -> Bool {
        let present = places.filter { live.hears($0.userID) }
        guard !present.isEmpty else { return false }
        state.withLock { $0.places.formUnion(present) }
        return true
    }

    /// Tells what is to be told, and says when the next step is; nil while there is nothing.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let places = state.withLock { state -> [RoomMarks.Place] in
            guard now.isPast(state.steppedAt, by: Self.pauseMilliseconds), !state.places.isEmpty else { return [] }
            state.steppedAt = now
            defer { state.places = [] }
            return Array(state.places)
        }
        for start in stride(from: 0, to: places.count, by: Self.batch) {
            let batch = places[start..<min(start + Self.batch, places.count)]
            let unread = try await database.read { connection in
                try batch.map { try connection.unread(of: $0.userID, in: $0.roomID) }
            }
            for (place, unread) in zip(batch, unread) {
                if let unread { live.tell(unread, to: place.userID) }
            }
        }
        return state.withLock { state in
            state.places.isEmpty ? nil : state.steppedAt.adding(milliseconds: Self.pauseMilliseconds)
        }
    }
}
