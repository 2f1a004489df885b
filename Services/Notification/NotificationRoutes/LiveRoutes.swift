import Contracts
import FoundationEssentials
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// The inbox as it grows: `text/event-stream` and WebSocket. Both end when the session is revoked or its token expires.
struct LiveRoutes: Sendable {
    static let subprotocol = "notifications.v1"

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let feed: InboxFeed

    func add(to router: inout Router) {
        router.get("/v1/notifications/stream", tokens.user(stream))
        router.get("/v1/notifications/ws", socket)
    }

    // MARK: Server-sent events

    /// `id:` is the entry's number in the inbox, which never expires, so every `Last-Event-ID` can be resumed.
    @Sendable private func stream(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let after: Int64
        if let id = request.lastEventID {
            after = try Self.number(id, in: "Last-Event-ID")
        } else {
            after = try await database.read { try NotificationStore.lastNumber(of: user, $0) }
        }
        let deadline = deadline(of: token)
        return .events(for: request) { stream in
            let watch = tokens.revocations.watch(token) { stream.finish() }
            defer { withExtendedLifetime(watch) {} }
            let loop = request.loop
            do {
                try await feed.follow(user, after: after, in: database, on: loop, until: deadline) { entry in
                    let json = try InboxEntry(entry).json()
                    let id = String(entry.number)
                    try await stream.pace(on: loop)
                    return stream.send(ServerSentEvent(id: id, event: "notification", data: json))
                }
            } catch is DeadlineExceeded {
                // The token has expired; the client comes back with another.
            }
        }
    }

    /// The number in the inbox that an event's id is.
    private static func number(_ id: String, in place: String) throws -> Int64 {
        guard let number = Int64(id), number >= 0 else {
            throw Problem.invalid(place, "an id that was sent with an event")
        }
        return number
    }

    private func deadline(of token: AccessToken) -> Deadline {
        .after(.milliseconds(max(0, token.expiresAt.milliseconds - clock.now.milliseconds)))
    }

    // MARK: WebSocket

    /// The token comes as sub-protocol `bearer.<token>`, in `Authorization`, or in a first message `{"type":"auth"}`.
    @Sendable private func socket(_ request: Request) async throws -> Response {
        let (loop, known) = (request.loop, try await tokens.check(handshake: request))
        let after = try request.query("last_event_id").map { try Self.number($0, in: "last_event_id") }
        return WebSocket.upgrade(request, protocols: [Self.subprotocol]) { socket in
            let token =
                if let known { known } else { await socket.introduction(on: loop) { await self.token(in: $0) } }
            if let token { try await serve(socket, token, after: after, on: loop) }
        }
    }

    private struct Message: Decodable {
        let type: String
        let token: String?
    }

    /// The good token of an `auth` message; nil for anything else.
    private func token(in message: WebSocketMessage) async -> AccessToken? {
        guard case .text(let text) = message, !JSONNesting.isTooDeep(text.utf8),
            let decoded = try? JSONDecoder().decode(Message.self, from: Data(text.utf8)), decoded.type == "auth",
            let token = decoded.token
        else { return nil }
        return try? await tokens.check(token)
    }

    /// Reads until the socket ends; a task beside it writes what was missed after an event, at the reader's pace, and what
    /// comes in: who reads that too slowly is closed with 4408, and comes back with the last id. A fresh token prolongs the
    /// socket.
    private func serve(_ socket: WebSocket, _ first: AccessToken, after: Int64?, on loop: EventLoop) async throws {
        let user = first.userID
        let (last, unread) = try await database.read { connection in
            (
                try NotificationStore.lastNumber(of: user, connection),
                try NotificationStore.unreadCount(of: user, connection)
            )
        }
        let start = min(after ?? last, last)
        socket.send("{\"type\":\"ready\",\"unread_count\":\(unread),\"event_id\":\"\(start)\"}")
        let writer = Task(executorPreference: loop) {
            // Ends by cancellation or because the socket takes no more.
            try? await feed.follow(user, after: start, in: database, on: loop, until: .never) { entry in
                if entry.number <= last { try await socket.pace(on: loop) }
                let json = try InboxEntry(entry).json()
                return socket.send(
                    "{\"type\":\"notification\",\"event_id\":\"\(entry.number)\",\"notification\":\(json)}"
                )
            }
        }
        defer { writer.cancel() }
        var session = SocketSession(first, socket: socket, live: self, loop: loop)
        defer { session.end() }
        while let message = await socket.next() {
            guard let token = await token(in: message), token.userID == user else {
                socket.close(.unauthorized, reason: "the token is not accepted")
                continue
            }
            session.end()
            session = SocketSession(token, socket: socket, live: self, loop: loop)
        }
    }

    /// Closes a socket with 4401 when its token is revoked or expires.
    private struct SocketSession {
        private let watch: RevocationWatch
        private let expiry: Task<Void, Never>

        init(_ token: AccessToken, socket: WebSocket, live: LiveRoutes, loop: EventLoop) {
            watch = live.tokens.revocations.watch(token) { socket.close(.unauthorized, reason: "revoked") }
            let deadline = live.deadline(of: token)
            expiry = Task(executorPreference: loop) {
                guard (try? await loop.sleep(until: deadline)) != nil else { return }
                socket.close(.unauthorized, reason: "the token has expired")
            }
        }

        func end() {
            expiry.cancel()
            withExtendedLifetime(watch) {}
        }
    }
}
