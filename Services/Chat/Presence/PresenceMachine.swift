import System

/// All that is known of who is there: what the sockets of this process do and what the other processes say comes in; what
/// is to be told to them, and what the people here are to see, comes out of `step`. A state machine; the clock comes in.
struct PresenceMachine: Sendable {
    /// What the other processes are to be told.
    enum News: Sendable, Hashable {
        case presence(PresenceUpdate)
        case typing(userID: Identifier, roomID: Identifier, isTyping: Bool)
        case seen(userID: Identifier, roomID: Identifier, seq: Int64)

        var userID: Identifier {
            switch self {
            case .presence(let update): update.userID
            case .typing(let user, _, _), .seen(let user, _, _): user
            }
        }
    }

    /// What a step has brought.
    struct Outcome: Sendable, Equatable {
        /// For the other processes.
        var news: [News] = []
        /// People who have become something else.
        var presence: [PresenceUpdate] = []
        /// Rooms with another list of writers.
        var typing: [TypingUpdate] = []
    }

    /// This process: another id each start, so what it said before it died ends by itself.
    let processID: Identifier
    private var local = LocalPresence()
    private var table = PresenceTable()
    private var board = TypingBoard()
    private var marks = RoomMarks()
    private var news: [News] = []

    init(processID: Identifier) { self.processID = processID }

    // MARK: The sockets of this process

    mutating func open(_ user: Identifier, at now: Timestamp) { local.open(user, at: now) }

    mutating func close(_ user: Identifier) { local.close(user) }

    mutating func act(_ user: Identifier, at now: Timestamp) { local.act(user, at: now) }

    mutating func type(_ user: Identifier, in room: Identifier, at now: Timestamp) {
        guard board.type(user, in: room, at: now) else { return }
        news.append(.typing(userID: user, roomID: room, isTyping: true))
    }

    /// Whether the person did write, for all that is known.
    @discardableResult
    mutating func stopTyping(_ user: Identifier, in room: Identifier) -> Bool {
        guard board.stop(user, in: room) else { return false }
        news.append(.typing(userID: user, roomID: room, isTyping: false))
        return true
    }

    mutating func read(_ user: Identifier, in room: Identifier, upTo sequence: Int64) {
        marks.note(user, in: room, upTo: sequence)
    }

    // MARK: The log

    /// A process says how one of its users is. What this process says is known already.
    mutating func hear(_ update: PresenceUpdate, from process: Identifier, until limit: Timestamp, at now: Timestamp) {
        guard process != processID else { return }
        table.hear(update, from: process, until: limit, at: now)
    }

    /// A process says that one of its users writes; nothing when the limit has passed.
    mutating func hearTyping(
        _ user: Identifier,
        in room: Identifier,
        from process: Identifier,
        until limit: Timestamp,
        at now: Timestamp
    ) {
        guard process != processID else { return }
        board.hear(user, in: room, until: limit, at: now)
    }

    /// Forgets an erased person: nothing more is said of them, and that their sockets close is no news.
    mutating func forget(_ user: Identifier) {
        local.forget(user)
        table.forget(user)
        board.forget(user)
        marks.forget(user)
        news.removeAll { $0.userID == user }
    }

    // MARK: Steps

    /// Does what is due.
    mutating func step(at now: Timestamp) -> Outcome {
        var outcome = Outcome(news: news)
        news = []
        let limit = now.adding(milliseconds: PresenceTable.lifetimeMilliseconds)
        for update in local.step(at: now) {
            table.hear(update, from: processID, until: limit, at: now)
            outcome.news.append(.presence(update))
        }
        for (place, seq) in marks.step() {
            outcome.news.append(.seen(userID: place.userID, roomID: place.roomID, seq: seq))
        }
        outcome.presence = table.step(at: now)
        outcome.typing = board.step(at: now)
        return outcome
    }

    /// When the next step is due; nil while there is nothing to wait for.
    var due: Timestamp? {
        guard news.isEmpty, marks.isEmpty else { return Timestamp(milliseconds: 0) }
        return [local.due, table.due, board.due].compactMap { $0 }.min()
    }

    /// How a person is; nil when offline.
    func state(of user: Identifier) -> PresenceUpdate? { table.state(of: user) }
}
