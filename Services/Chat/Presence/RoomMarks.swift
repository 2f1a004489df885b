import System

/// How far people have come in rooms, to be told of once: what comes between two steps is one mark a person and room.
struct RoomMarks: Sendable {
    struct Place: Hashable, Sendable {
        let userID: Identifier
        let roomID: Identifier
    }

    private var marks: [Place: Int64] = [:]

    /// A person has come up to a message.
    mutating func note(_ user: Identifier, in room: Identifier, upTo sequence: Int64) {
        marks[Place(userID: user, roomID: room), default: 0].raise(to: sequence)
    }

    /// Forgets an erased person.
    mutating func forget(_ user: Identifier) {
        for place in marks.keys where place.userID == user { marks[place] = nil }
    }

    /// What is to be told.
    mutating func step() -> [Place: Int64] {
        defer { marks = [:] }
        return marks
    }

    /// Whether there is nothing to tell.
    var isEmpty: Bool { marks.isEmpty }
}

extension Int64 {
    fileprivate mutating func raise(to value: Int64) { self = Swift.max(self, value) }
}
