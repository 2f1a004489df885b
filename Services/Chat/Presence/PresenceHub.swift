import Contracts
import EventBus
import Persistence
import ServiceKit
import Synchronization
import System
import Telemetry

/// Who is there, in this process: tells the others by `presence-events`, which may be lost, and shows people those with whom
/// they share a room. Any thread.
final class PresenceHub: Sendable {
    /// The shortest time between two steps in milliseconds: what happens meanwhile is told together.
    static let pauseMilliseconds: Int64 = 100
    /// People whose changes one look at the store is for.
    private static let batch = 256
    /// Rooms of one person in which a change is shown.
    private static let maximumRooms = 200
    /// Rooms with more listeners at this process show no changes: who wants to know asks.
    private static let maximumListeners = 256

    private struct State {
        var machine: PresenceMachine
        var steppedAt = Timestamp(milliseconds: 0)
    }

    private let state: Mutex<State>
    private let database: Database
    private let live: Live
    private let clock: WallClock
    private let logger: Logger
    private let send: @Sendable (Event) -> Void

    /// `send` hands an event to the log, or loses it.
    init(
        database: Database,
        live: Live,
        clock: WallClock,
        logger: Logger,
        send: @escaping @Sendable (Event) -> Void
    ) {
        self.database = database
        self.live = live
        self.clock = clock
        self.logger = logger
        self.send = send
        state = Mutex(State(machine: PresenceMachine(processID: .version7(at: clock.now))))
    }

    /// Changes what is known.
    func note(_ change: (inout PresenceMachine, Timestamp) -> Void) {
        let now = clock.now
        state.withLock { change(&$0.machine, now) }
    }

    /// How a person is; nil when offline.
    func state(of user: Identifier) -> PresenceUpdate? { state.withLock { $0.machine.state(of: user) } }

    /// Takes in what a process has told.
    func hear(_ event: Event) {
        do {
            switch event.type {
            case PresenceOnline.type: hear(try event.decode(PresenceOnline.self))
            case PresenceOffline.type: hear(try event.decode(PresenceOffline.self))
            case PresenceTyping.type: hear(try event.decode(PresenceTyping.self))
            default: break  // What has been seen is for others.
            }
        } catch {
            logger.warning("an event of presence cannot be read", metadata: ["error": "\(error)"])
        }
    }

    private func hear(_ said: PresenceOnline) {
        let state: PresenceState = said.state == .online ? .online : .away
        let update = PresenceUpdate(userID: said.userID, state: state, seenAt: said.activeAt)
        note { $0.hear(update, from: said.processID, until: said.expiresAt, at: $1) }
    }

    private func hear(_ said: PresenceOffline) {
        let update = PresenceUpdate(userID: said.userID, state: .offline, seenAt: said.activeAt)
        note { $0.hear(update, from: said.processID, until: said.timestamp, at: $1) }
    }

    private func hear(_ said: PresenceTyping) {
        note { $0.hearTyping(said.userID, in: said.roomID, from: said.processID, until: said.expiresAt, at: $1) }
    }

    // MARK: Steps

    /// Does what is due, and says when the next step is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let outcome = state.withLock { state -> PresenceMachine.Outcome? in
            guard now.isPast(state.steppedAt, by: Self.pauseMilliseconds) else { return nil }
            state.steppedAt = now
            return state.machine.step(at: now)
        }
        if let outcome {
            let process = state.withLock(\.machine.processID)
            for news in outcome.news { tell(news, of: process, at: now) }
            try await show(outcome.typing)
            try await show(outcome.presence)
        }
        return state.withLock { state in
            state.machine.due.map { max($0, state.steppedAt.adding(milliseconds: Self.pauseMilliseconds)) }
        }
    }

    private func tell(_ news: PresenceMachine.News, of process: Identifier, at now: Timestamp) {
        do {
            send(try event(news, of: process, at: now))
        } catch {
            logger.error("presence cannot be told", metadata: ["error": "\(error)"])
        }
    }

    private func event(_ news: PresenceMachine.News, of process: Identifier, at now: Timestamp) throws -> Event {
        switch news {
        case .presence(let update) where update.state == .offline:
            let said = PresenceOffline(
                userID: update.userID,
                processID: process,
                activeAt: update.seenAt,
                timestamp: now
            )
            return try Event(said, at: now)
        case .presence(let update):
            let said = PresenceOnline(
                userID: update.userID,
                processID: process,
                state: update.state == .online ? .online : .away,
                activeAt: update.seenAt,
                expiresAt: now.adding(milliseconds: PresenceTable.lifetimeMilliseconds),
                timestamp: now
            )
            return try Event(said, at: now)
        case .typing(let user, let room, let isTyping):
            let said = PresenceTyping(
                userID: user,
                roomID: room,
                processID: process,
                expiresAt: isTyping ? now.adding(milliseconds: TypingBoard.lifetimeMilliseconds) : now,
                timestamp: now
            )
            return try Event(said, at: now)
        case .seen(let user, let room, let seq):
            return try Event(PresenceSeen(userID: user, roomID: room, seq: seq, timestamp: now), at: now)
        }
    }

    // MARK: Showing

    /// Tells rooms who writes in them; people who block one another are not shown to each other.
    private func show(_ updates: [TypingUpdate]) async throws {
        guard !updates.isEmpty else { return }
        let typists = Set(updates.flatMap(\.userIDs))
        let strangers = try await database.read { connection in
            try Dictionary(uniqueKeysWithValues: typists.map { ($0, try connection.strangers(to: $0)) })
        }
        for update in updates { show(update, but: strangers) }
    }

    private func show(_ update: TypingUpdate, but strangers: [Identifier: Set<Identifier>]) {
        let viewers = live.people(in: update.roomID)
        func sees(_ viewer: Identifier, _ user: Identifier) -> Bool { strangers[user]?.contains(viewer) != true }
        guard viewers.contains(where: { viewer in update.userIDs.contains { !sees(viewer, $0) } }) else {
            let alone = update.userIDs.count == 1 ? update.userIDs.first : nil
            return live.send(lossy: PresenceFrame.typing(update), toRoom: update.roomID, except: alone)
        }
        for viewer in viewers {
            let users = update.userIDs.filter { sees(viewer, $0) }
            let frame = PresenceFrame.typing(TypingUpdate(roomID: update.roomID, userIDs: users))
            live.send(lossy: frame, toPeople: CollectionOfOne(viewer))
        }
    }

    private func show(_ updates: [PresenceUpdate]) async throws {
        for start in stride(from: 0, to: updates.count, by: Self.batch) {
            let batch = Array(updates[start..<min(start + Self.batch, updates.count)])
            let audiences = try await database.read { connection in
                try batch.map { update in
                    (
                        rooms: try connection.rooms(of: update.userID, after: nil, limit: Self.maximumRooms),
                        strangers: try connection.strangers(to: update.userID)
                    )
                }
            }
            try await keep(batch.filter { $0.state == .offline })
            for (update, audience) in zip(batch, audiences) {
                show(update, in: audience.rooms, but: audience.strangers)
            }
        }
    }

    private func show(_ update: PresenceUpdate, in rooms: [Identifier], but strangers: Set<Identifier>) {
        var viewers: Set<Identifier> = []
        for room in rooms {
            let people = live.people(in: room)
            if people.count <= Self.maximumListeners { viewers.formUnion(people) }
        }
        viewers.subtract(strangers)
        viewers.remove(update.userID)
        guard !viewers.isEmpty else { return }
        live.send(lossy: PresenceFrame.presence(update), toPeople: viewers)
    }

    /// Keeps when people were there last, so that it is known after a restart.
    private func keep(_ updates: [PresenceUpdate]) async throws {
        guard !updates.isEmpty else { return }
        try await database.write(priority: .background) { transaction in
            for update in updates { try transaction.setSeen(update.userID, at: update.seenAt) }
        }
    }
}
