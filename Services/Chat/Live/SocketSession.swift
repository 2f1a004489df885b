import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// One socket from its token to its end: reads frames, checks each, and writes to the log. On the socket's loop.
final class SocketSession {
    /// Refusals for haste in a row after which a socket is closed.
    private static let maximumHaste = 200

    let socket: WebSocket
    let listener: Listener
    let chat: ChatSockets
    let loop: EventLoop
    private var watch: RevocationWatch
    private var pace: FramePace
    private var haste = 0

    init(_ socket: WebSocket, _ token: AccessToken, chat: ChatSockets, loop: EventLoop) {
        self.socket = socket
        self.chat = chat
        self.loop = loop
        listener = Listener(token.userID, .socket(socket))
        listener.prolong(until: token.expiresAt)
        watch = chat.watch(socket, token)
        pace = FramePace(perMinute: chat.configuration.framesPerMinute)
    }

    /// Serves the socket, from where its first frame said.
    func run(resume: consuming [String: ClientFrame.Place] = [:]) async throws {
        guard chat.live.open(listener) else {
            return socket.close(.tryAgainLater, reason: "too many sockets of one person")
        }
        chat.observer?.opened(listener)
        defer {
            chat.live.close(listener)
            chat.observer?.closed(listener)
        }
        try await start(resume)
        while let message = await socket.next() {
            if let wait = pace.take(at: MonotonicClock.nanoseconds) {
                haste += 1
                if haste > Self.maximumHaste { socket.close(.policyViolation, reason: "too many frames") }
                socket.send(ServerFrame.error(Problem(.rateLimited), retryAfterMilliseconds: wait))
                continue
            }
            haste = 0
            chat.observer?.acted(listener)
            await answer(message)
        }
    }

    @inline(never)
    private func start(_ resume: [String: ClientFrame.Place]) async throws {
        let user = listener.userID
        let company = try await chat.database.read { try $0.company(of: user) }
        chat.live.begin(listener, in: company)
        socket.send(ServerFrame.ready(user, expiresAt: listener.expiresAt))
        try await Resumption(listener: listener, socket: socket, database: chat.database, loop: loop).run(resume)
    }

    /// Not inlined: a socket that waits would hold the room for its frames too.
    @inline(never)
    private func answer(_ message: WebSocketMessage) async {
        var frame: ClientFrame?
        do {
            let read = try ClientFrame.read(message)
            frame = read
            try await handle(read)
        } catch let problem as Problem {
            socket.send(ServerFrame.error(problem, to: frame))
        } catch {
            socket.send(ServerFrame.error(Problem(.internalError), to: frame))
        }
    }

    private func handle(_ frame: ClientFrame) async throws {
        switch frame.type {
        case .send: try send(frame)
        case .edit:
            let room = try authorized(frame)
            let (seq, body) = (try frame.message(), try frame.text())
            let (actor, now) = (listener.userID, chat.clock.now)
            let edited = try await chat.database.read { try $0.edited(seq, in: room, to: body, by: actor, at: now) }
            write(frame) { _, _ in edited }
        case .delete:
            let (room, seq) = (try authorized(frame), try frame.message())
            write(frame) { ChatMessageDeleted(roomID: room, seq: seq, actorID: $0, timestamp: $1) }
        case .read:
            let (room, seq) = (try authorized(frame), try frame.message())
            let isPrivate = frame.isPrivate == true || listener.membership(in: room)?.isRefused == true
            write(frame) { ChatRead(roomID: room, userID: $0, seq: seq, isPrivate: isPrivate, timestamp: $1) }
            chat.observer?.seen(listener.userID, seq, in: room)
        case .delivered: try deliver(frame)
        case .typing:
            let room = try authorized(frame)
            chat.observer?.typed(listener, in: room)
        case .ping: socket.send(ServerFrame.pong(frame.ref))
        case .auth: try await renew(frame)
        case .hello:
            if frame.accessToken != nil { try await renew(frame) }
            guard let resume = frame.resume else { return }
            listener.hold()
            try await Resumption(listener: listener, socket: socket, database: chat.database, loop: loop).run(resume)
        }
    }

    private func send(_ frame: ClientFrame) throws {
        let room = try welcome(frame)
        let (clientID, body) = (try frame.clientID(), try frame.text())
        let now = chat.clock.now
        let id = Identifier.version7(at: now)
        let sent = ChatMessageSent(
            messageID: id,
            roomID: room,
            authorID: listener.userID,
            clientMessageID: clientID,
            body: body,
            timestamp: now
        )
        chat.log.write(sent, id: id, answer: answer(to: frame))
        chat.observer?.sent(listener, in: room)
    }

    /// Who wants to know that a mark is stored gives it a name; others are written together.
    private func deliver(_ frame: ClientFrame) throws {
        let (room, seq) = (try welcome(frame), try frame.message())
        guard frame.ref != nil else { return chat.deliveries.note(listener.userID, in: room, upTo: seq) }
        write(frame) { ChatDelivered(roomID: room, userID: $0, seq: seq, timestamp: $1) }
    }

    /// The room of a frame, where the owner of the socket is a member, and the other one of a direct room wants to hear it.
    private func welcome(_ frame: ClientFrame) throws(Problem) -> Identifier {
        let room = try frame.room()
        guard let membership = listener.membership(in: room) else { throw Problem(.notFound) }
        guard !membership.isRefused else { throw Problem(.messagesRefused) }
        return room
    }

    /// The room of a frame, where the owner of the socket is a member.
    private func authorized(_ frame: ClientFrame) throws(Problem) -> Identifier {
        let room = try frame.room()
        guard listener.hears(room) else { throw Problem(.notFound) }
        return room
    }

    private func write(_ frame: ClientFrame, _ payload: (Identifier, Timestamp) -> some EventPayload) {
        chat.log.write(payload(listener.userID, chat.clock.now), answer: answer(to: frame))
    }

    private func answer(to frame: ClientFrame) -> ChatLog.Answer {
        { [socket] verdict, _ in
            switch verdict {
            case .accepted(let receipt):
                // Who gave no name for what is no message does not ask.
                if frame.type == .send || frame.ref != nil { socket.send(ServerFrame.ack(receipt, to: frame)) }
            case .refused(let code): socket.send(ServerFrame.error(Problem(code), to: frame))
            }
        }
    }

    /// Goes on under a fresh token of the same person.
    private func renew(_ frame: ClientFrame) async throws {
        guard let text = frame.accessToken else {
            throw Problem.invalid("/access_token", "this member is required", code: "required")
        }
        guard let token = try? await chat.tokens.check(text), token.userID == listener.userID else {
            return socket.close(.unauthorized, reason: "the token is not accepted")
        }
        listener.prolong(until: token.expiresAt)
        watch = chat.watch(socket, token)
        socket.send(ServerFrame.ready(token.userID, expiresAt: token.expiresAt))
    }
}

/// How fast frames may come: so many a minute, and at once (GCRA, ITU-T I.371).
struct FramePace {
    private static let window: UInt64 = 60_000_000_000

    private let interval: UInt64
    private var emptyAt: UInt64 = 0

    init(perMinute: Int) { interval = max(1, Self.window / UInt64(max(1, perMinute))) }

    /// Takes a frame; the milliseconds to wait when it comes too soon.
    mutating func take(at now: UInt64) -> Int64? {
        let start = max(emptyAt, now)
        guard start + interval <= now + Self.window else {
            return Int64((start + interval - now - Self.window) / 1_000_000 + 1)
        }
        emptyAt = start + interval
        return nil
    }
}
