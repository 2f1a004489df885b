import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import ServiceKit
import System

/// Brings rooms up to date on a held socket, then lets it hear: what was missed comes from the store, what is said meanwhile
/// is kept by the listener, and the number of each change tells where the one ends and the other begins. On the socket's loop.
struct Resumption {
    /// Changes of one room that are sent again; who missed more reads the room anew.
    static let maximumChanges: Int64 = 10_000
    /// Rooms of one `hello`.
    static let maximumRooms = 1000
    private static let pageSize = 200
    /// Between two looks for what another process has told already.
    private static let pause = Duration.milliseconds(5)
    /// How long a process may be behind what the client has seen at another; after that the room is read anew.
    private static let patience = Duration.seconds(15)

    let listener: Listener
    let socket: WebSocket
    let database: Database
    let loop: EventLoop

    /// Sends what was missed of each room, and releases the listener.
    func run(_ places: [String: ClientFrame.Place]) async throws {
        var sent: [Identifier: Int64] = [:]
        defer { listener.release(sent: sent) }
        guard places.count <= Self.maximumRooms else {
            let problem = Problem.invalid("/resume", "at most \(Self.maximumRooms) rooms", code: "too_many")
            socket.send(ServerFrame.error(problem))
            return
        }
        for (text, place) in places.sorted(by: { $0.key < $1.key }) {
            guard let room = Identifier(text), listener.membership(in: room) != nil else {
                var frame = ClientFrame(.hello)
                frame.roomID = Identifier(text)
                socket.send(ServerFrame.error(Problem(.notFound), to: frame))
                continue
            }
            sent[room] = try await resume(room, from: place)
        }
    }

    /// Sends what was missed of a room; says up to which change.
    private func resume(_ id: Identifier, from place: ClientFrame.Place) async throws -> Int64? {
        guard let start = try await start(of: id, at: place) else { return nil }
        let (room, seq, change) = (start.room, start.seq, start.change)
        guard !start.isBehind else {
            socket.send(ServerFrame.reset(room))
            return room.change
        }
        // What went out by itself before is not sent again.
        let last = min(room.change, (listener.firstHeard(in: id) ?? .max) - 1)
        guard last - change <= Self.maximumChanges else {
            socket.send(ServerFrame.reset(room))
            return room.change
        }
        var sent = change
        while sent < last {
            let after = sent
            let page = try await database.read {
                try $0.changes(of: id, after: after, upTo: last, limit: Self.pageSize)
            }
            guard let end = page.last?.0.change else { break }
            for (change, message) in page {
                let news = News(change, message)
                guard listener.mayHear(news) else { continue }
                socket.send(frame: news.frame)
                try await socket.pace(on: loop)
            }
            sent = end
        }
        let end = (seq: seq...max(seq, room.seq), change: change...max(change, last))
        socket.send(ServerFrame.resumed(start.unread, seq: end.seq, change: end.change))
        return last
    }

    private struct Start {
        let room: Room
        let seq: Int64
        let change: Int64
        let unread: Unread
        /// The client has seen more than this process.
        let isBehind: Bool
    }

    /// Where a room goes on. What another process has told the client already is waited for, or it would come twice.
    private func start(of room: Identifier, at place: ClientFrame.Place) async throws -> Start? {
        let limit = Deadline.after(Self.patience).nanoseconds
        while true {
            guard
                let start = try await database.read({ [user = listener.userID] in
                    try Self.start(of: room, at: place, for: user, $0)
                })
            else { return nil }
            guard start.isBehind, loop.now < limit else { return start }
            try await loop.sleep(for: Self.pause)
        }
    }

    private static func start(
        of id: Identifier,
        at place: ClientFrame.Place,
        for user: Identifier,
        _ connection: Persistence.Connection
    ) throws -> Start? {
        guard let room = try connection.room(id), let unread = try connection.unread(of: user, in: id) else {
            return nil
        }
        switch place {
        case .change(let change):
            let seq = try connection.lastSeq(of: id, upTo: change)
            let known = min(max(0, change), room.change)
            return Start(room: room, seq: seq, change: known, unread: unread, isBehind: change > room.change)
        case .seq(let number):
            let seq = min(max(0, number), room.seq)
            let change = try connection.message(seq, in: id)?.change ?? 0
            return Start(room: room, seq: seq, change: change, unread: unread, isBehind: number > room.seq)
        }
    }
}
