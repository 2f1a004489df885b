import System

/// Whether a person is there; the better one counts when several processes say different things.
enum PresenceState: String, Sendable, Comparable {
    case offline
    case away
    case online

    private var rank: Int {
        switch self {
        case .offline: 0
        case .away: 1
        case .online: 2
        }
    }

    static func < (left: PresenceState, right: PresenceState) -> Bool { left.rank < right.rank }
}

/// How a person is now.
struct PresenceUpdate: Sendable, Hashable {
    let userID: Identifier
    let state: PresenceState
    /// When the person did something last.
    let seenAt: Timestamp
}

/// Who writes in a room now, in the order in which they began: it takes the place of the list before.
struct TypingUpdate: Sendable, Hashable {
    let roomID: Identifier
    let userIDs: [Identifier]
}

extension Timestamp {
    /// Whether so much time has passed since an instant; a clock that was set back before it makes that true, too, so
    /// that nothing waits until it has caught up.
    func isPast(_ start: Timestamp, by milliseconds: Int64) -> Bool {
        self < start || self >= start.adding(milliseconds: milliseconds)
    }
}
