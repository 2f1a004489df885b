import HTTPCore
import Synchronization
import System

/// Is told what people with open sockets do. Any thread; must be quick.
protocol LiveObserver: Sendable {
    /// Somebody has opened a socket; ``Live/hasSocket(_:)`` says whether they have others.
    func opened(_ listener: Listener)
    /// Somebody has closed one.
    func closed(_ listener: Listener)
    /// A frame came from somebody.
    func acted(_ listener: Listener)
    /// Somebody writes a message in a room of theirs.
    func typed(_ listener: Listener, in room: Identifier)
    /// Somebody has sent a message there: it is not being written any more.
    func sent(_ listener: Listener, in room: Identifier)
    /// Somebody has read a room of theirs up to a message, by this process.
    func seen(_ user: Identifier, _ seq: Int64, in room: Identifier)
}

/// Who listens to which room in this process, and hands them what happens there. Any thread.
final class Live: Sendable {
    private struct State {
        var people: [Identifier: [Listener]] = [:]
        var rooms: [Identifier: [Listener]] = [:]
    }

    private let state = Mutex(State())
    private let maximumPerPerson: Int

    /// Nobody listens; somebody may with so many sockets and streams.
    init(maximumPerPerson: Int) { self.maximumPerPerson = maximumPerPerson }

    /// From now on it is told where its owner comes and goes; it hears nothing before ``begin(_:in:)``. False when its owner
    /// has as many as may be.
    func open(_ listener: Listener) -> Bool {
        state.withLock { state in
            guard state.people[listener.userID]?.count ?? 0 < maximumPerPerson else { return false }
            state.people[listener.userID, default: []].append(listener)
            return true
        }
    }

    /// It hears the rooms that were read from the store after ``open(_:)``.
    func begin(_ listener: Listener, in company: Company) {
        state.withLock { state in
            for room in listener.begin(company) { state.rooms[room, default: []].append(listener) }
        }
    }

    /// Forgets it.
    func close(_ listener: Listener) {
        state.withLock { state in
            Self.remove(listener, from: &state.people[listener.userID])
            for room in listener.rooms { Self.remove(listener, from: &state.rooms[room]) }
        }
    }

    /// Hands out changes in their order, those who come by a change first and those who go last.
    func publish(_ news: [News]) {
        guard !news.isEmpty else { return }
        state.withLock { state in
            for news in news {
                for (user, membership) in news.memberships where membership != nil {
                    for listener in state.people[user] ?? [] where listener.note(membership, in: news.roomID) {
                        state.rooms[news.roomID, default: []].append(listener)
                    }
                }
                for listener in state.rooms[news.roomID] ?? [] { listener.hear(news) }
                for (user, membership) in news.memberships where membership == nil {
                    for listener in state.people[user] ?? [] {
                        _ = listener.note(nil, in: news.roomID)
                        listener.leave(news.roomID)
                        Self.remove(listener, from: &state.rooms[news.roomID])
                    }
                }
            }
        }
    }

    /// Whether two people want nothing from each other.
    func note(block isBlock: Bool, between user: Identifier, and other: Identifier) {
        state.withLock { state in
            for (person, stranger) in [(user, other), (other, user)] {
                for listener in state.people[person] ?? [] { listener.note(block: isBlock, with: stranger) }
            }
        }
    }

    /// Tells somebody, at all their sockets and streams of a room, how far they have read it.
    func tell(_ unread: Unread, to user: Identifier) {
        state.withLock { state in
            for listener in state.people[user] ?? [] { listener.hear(unread) }
        }
    }

    /// Whether somebody has a socket or a stream here.
    func hears(_ user: Identifier) -> Bool { state.withLock { $0.people[user] != nil } }

    /// Hands a frame that may be lost to the sockets in a room, but for those of one.
    func send(lossy frame: [UInt8], toRoom room: Identifier, except user: Identifier? = nil) {
        state.withLock { state in
            for listener in state.rooms[room] ?? [] where listener.userID != user { listener.hearLossy(frame) }
        }
    }

    /// Hands a frame that may be lost to the sockets of some people.
    func send(lossy frame: [UInt8], toPeople people: some Sequence<Identifier>) {
        state.withLock { state in
            for user in people {
                for listener in state.people[user] ?? [] { listener.hearLossy(frame) }
            }
        }
    }

    /// Who in a room has a socket or stream here.
    func people(in room: Identifier) -> Set<Identifier> {
        state.withLock { Set(($0.rooms[room] ?? []).map(\.userID)) }
    }

    /// Ends those whose token has expired.
    func closeExpired(at now: Timestamp) {
        let expired = state.withLock { state in
            state.people.values.flatMap { listeners in listeners.filter { $0.expiresAt <= now } }
        }
        for listener in expired { listener.close(.unauthorized, reason: "the token has expired") }
    }

    /// Whether somebody has a socket open here.
    func hasSocket(_ user: Identifier) -> Bool {
        state.withLock { state in
            (state.people[user] ?? []).contains { listener in
                if case .socket = listener.sink { true } else { false }
            }
        }
    }

    private static func remove(_ listener: Listener, from listeners: inout [Listener]?) {
        listeners?.removeAll { $0 === listener }
        if listeners?.isEmpty == true { listeners = nil }
    }
}
