import Contracts
import HTTPCore
import HTTPTransport
import Synchronization
import System

/// One open socket, or one stream of a room: whose it is, what it may hear and what it has heard. Any thread.
///
/// While it is held, what comes is kept; so what was missed can be read and sent first, with nothing lost or twice between
/// the two.
final class Listener: Sendable {
    /// What a held listener keeps, in changes and in bytes; one that is held for more is too slow.
    static let maximumKept = 4096
    static let maximumKeptBytes = 4 << 20
    /// A socket with more to write gets no frames that may be lost.
    private static let maximumLossyBacklog = 64 << 10

    /// Where it goes.
    enum Sink: Sendable {
        case socket(WebSocket)
        case stream(EventStream, room: Identifier)
    }

    private struct State {
        var rooms: [Identifier: Membership] = [:]
        /// What came since the hold; nil when it goes out at once.
        var kept: [News]? = []
        var keptBytes = 0
        /// Who came and went before the rooms were known.
        var early: [Identifier: Membership?]? = [:]
        var earlyBlocks: [Identifier: Bool] = [:]
        /// Those who block its owner or are blocked: of how far they have read, and got, messages it hears nothing.
        var strangers: Set<Identifier> = []
        /// What its owner has read came to be known during the hold.
        var keptUnread: [Identifier: Unread] = [:]
        /// The first change that went out by itself, a room.
        var first: [Identifier: Int64] = [:]
        var expiresAt = Timestamp(milliseconds: .max)
    }

    let userID: Identifier
    let sink: Sink
    private let state = Mutex(State())

    /// Held, and in no room.
    init(_ userID: Identifier, _ sink: Sink) {
        self.userID = userID
        self.sink = sink
    }

    /// What its owner is in a room; nil where it may hear nothing.
    func membership(in room: Identifier) -> Membership? {
        state.withLock { state in
            guard var membership = state.rooms[room] else { return nil }
            membership.isRefused = membership.peer.map(state.strangers.contains) ?? false
            return membership
        }
    }

    /// Whether it hears a room.
    func hears(_ room: Identifier) -> Bool { state.withLock { $0.rooms[room] != nil } }

    /// The rooms it hears.
    var rooms: [Identifier] { state.withLock { Array($0.rooms.keys) } }

    /// When the token under which it hears is no good any more.
    var expiresAt: Timestamp { state.withLock { $0.expiresAt } }

    /// It hears under a token that is good until then.
    func prolong(until instant: Timestamp) { state.withLock { $0.expiresAt = instant } }

    // MARK: Coming and going; under the lock of ``Live``

    /// Whether it is to hear a room from now on that it did not hear before.
    func note(_ membership: Membership?, in room: Identifier) -> Bool {
        if case .stream(_, let only) = sink, only != room { return false }
        return state.withLock { state in
            if state.early != nil {
                state.early?[room] = .some(membership)
                return false
            }
            let isNew = state.rooms[room] == nil && membership != nil
            state.rooms[room] = membership
            return isNew
        }
    }

    /// Takes what was read from the store, and what has changed since; returns the rooms that it hears now.
    func begin(_ company: Company) -> [Identifier] {
        state.withLock { state in
            for (room, membership) in company.rooms { state.rooms[room] = membership }
            for (room, membership) in state.early ?? [:] { state.rooms[room] = membership }
            state.strangers = company.strangers
            for (user, isBlock) in state.earlyBlocks { state.strangers.set(user, isBlock) }
            (state.early, state.earlyBlocks) = (nil, [:])
            return Array(state.rooms.keys)
        }
    }

    /// Whether its owner and another want nothing from each other.
    func note(block isBlock: Bool, with other: Identifier) {
        state.withLock { state in
            if state.early != nil { state.earlyBlocks[other] = isBlock }
            state.strangers.set(other, isBlock)
        }
    }

    /// Whether it may hear a change: of people of whom one blocks the other none hears how far the other has come.
    func mayHear(_ news: News) -> Bool { state.withLock { Self.mayHear(news, $0) } }

    private static func mayHear(_ news: News, _ state: State) -> Bool {
        news.marker.map { !state.strangers.contains($0) } ?? true
    }

    /// It hears a room no more.
    func leave(_ room: Identifier) {
        state.withLock { _ = $0.rooms.removeValue(forKey: room) }
        if case .stream(let stream, room) = sink { stream.finish() }
    }

    // MARK: Hearing

    /// A change of a room.
    func hear(_ news: News) {
        let isTooSlow = state.withLock { state -> Bool in
            guard state.kept == nil else {
                guard let count = state.kept?.count, count < Self.maximumKept,
                    state.keptBytes + news.frame.count <= Self.maximumKeptBytes
                else { return true }
                state.kept?.append(news)
                state.keptBytes += news.frame.count
                return false
            }
            send(news, &state)
            return false
        }
        if isTooSlow { close(.slowConsumer, reason: "slow consumer") }
    }

    /// A frame that may be lost: the first to go when a socket is slow.
    func hearLossy(_ frame: [UInt8]) {
        guard case .socket(let socket) = sink, socket.queuedBytes < Self.maximumLossyBacklog else { return }
        let isHeld = state.withLock { $0.kept != nil }
        if !isHeld { socket.send(frame: frame) }
    }

    /// How far its owner has read, on whichever device.
    func hear(_ unread: Unread) {
        state.withLock { state in
            guard state.rooms[unread.roomID] != nil else { return }
            if state.kept == nil { send(unread) } else { state.keptUnread[unread.roomID] = unread }
        }
    }

    /// Keeps what comes from now on.
    func hold() {
        state.withLock { state in
            if state.kept == nil { state.kept = [] }
        }
    }

    /// The first change of a room that went out by itself: what is sent later ends before it.
    func firstHeard(in room: Identifier) -> Int64? { state.withLock { $0.first[room] } }

    /// Sends what was kept, without what the caller has sent: of each room all up to a change.
    func release(sent: [Identifier: Int64]) {
        state.withLock { state in
            for news in state.kept ?? [] where news.change > sent[news.roomID] ?? 0 {
                send(news, &state)
            }
            for unread in state.keptUnread.values where state.rooms[unread.roomID] != nil { send(unread) }
            (state.kept, state.keptBytes, state.keptUnread) = (nil, 0, [:])
        }
    }

    /// Ends it.
    func close(_ code: WebSocketCloseCode, reason: String) {
        switch sink {
        case .socket(let socket): socket.close(code, reason: reason)
        case .stream(let stream, _): stream.finish()
        }
    }

    private func send(_ news: News, _ state: inout State) {
        if state.first[news.roomID] == nil { state.first[news.roomID] = news.change }
        guard Self.mayHear(news, state) else { return }
        switch sink {
        case .socket(let socket): socket.send(frame: news.frame)
        case .stream(let stream, _): stream.send(news.event)
        }
    }

    private func send(_ unread: Unread) {
        switch sink {
        case .socket(let socket): socket.send(frame: unread.frame)
        case .stream(let stream, _): stream.send(unread.event)
        }
    }
}

/// The rooms that somebody is in, and whom they want, or are to have, nothing to do with.
struct Company: Sendable {
    var rooms: [(room: Identifier, membership: Membership)] = []
    var strangers: Set<Identifier> = []
}

extension Set {
    fileprivate mutating func set(_ element: Element, _ isIn: Bool) {
        if isIn { insert(element) } else { remove(element) }
    }
}
