import System

/// Who writes in which room. A note of it ends by itself, and with the message. A state machine; the clock comes in.
struct TypingBoard: Sendable {
    /// How long a note holds in milliseconds; clients repeat theirs every three seconds while the person writes.
    static let lifetimeMilliseconds: Int64 = 6000
    /// Notes of a person in a room that come faster are not passed on to the other processes.
    static let repeatMilliseconds: Int64 = 2000
    /// Names in a list; more writers at once are of no use to a reader.
    static let maximumTypists = 20
    /// Rooms with writers; notes in further ones are dropped, for they may be lost.
    static let maximumRooms = 10_000

    private struct Typist {
        let since: Timestamp
        var expiresAt: Timestamp
        var toldAt: Timestamp?
    }

    private var rooms: [Identifier: [Identifier: Typist]] = [:]
    private var changed: Set<Identifier> = []

    /// A person writes, says a socket of this process; whether the other processes are to be told.
    mutating func type(_ user: Identifier, in room: Identifier, at now: Timestamp) -> Bool {
        hear(user, in: room, until: now.adding(milliseconds: Self.lifetimeMilliseconds), at: now)
        guard let typist = rooms[room]?[user] else { return false }
        if let toldAt = typist.toldAt, !now.isPast(toldAt, by: Self.repeatMilliseconds) { return false }
        rooms[room]?[user]?.toldAt = now
        return true
    }

    /// A person writes, says some process, and until when that is to be believed.
    mutating func hear(_ user: Identifier, in room: Identifier, until limit: Timestamp, at now: Timestamp) {
        let expiresAt = min(limit, now.adding(milliseconds: Self.lifetimeMilliseconds))
        guard expiresAt > now else { return _ = stop(user, in: room) }
        if rooms[room]?[user] != nil {
            rooms[room]?[user]?.expiresAt = expiresAt
            return
        }
        guard rooms[room] != nil || rooms.count < Self.maximumRooms else { return }
        rooms[room, default: [:]][user] = Typist(since: now, expiresAt: expiresAt)
        changed.insert(room)
    }

    /// A person has stopped, or the message has come; whether this was not known.
    @discardableResult
    mutating func stop(_ user: Identifier, in room: Identifier) -> Bool {
        guard rooms[room]?.removeValue(forKey: user) != nil else { return false }
        changed.insert(room)
        return true
    }

    /// Forgets an erased person.
    mutating func forget(_ user: Identifier) {
        for room in rooms.keys { stop(user, in: room) }
    }

    /// The lists that are others now.
    mutating func step(at now: Timestamp) -> [TypingUpdate] {
        for (room, typists) in rooms {
            for (user, typist) in typists where typist.expiresAt <= now { stop(user, in: room) }
        }
        defer { changed = [] }
        return changed.map { room in
            let typists = rooms[room] ?? [:]
            if typists.isEmpty { rooms[room] = nil }
            let order = typists.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            return TypingUpdate(roomID: room, userIDs: order.prefix(Self.maximumTypists).map(\.key))
        }
    }

    /// When there is something to do next; nil while nobody writes.
    var due: Timestamp? {
        guard changed.isEmpty else { return Timestamp(milliseconds: 0) }
        return rooms.values.lazy.flatMap(\.values).map(\.expiresAt).min()
    }
}
