import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// `GET /v1/chat/rooms/{id}/stream`: what happens in a room as server-sent events. `id:` is the number of the change, which
/// never expires, so every `Last-Event-ID` can be resumed.
struct StreamRoute: Sendable {
    private static let pageSize = 200

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let live: Live

    func add(to router: inout Router) {
        router.get("/v1/chat/rooms/:id/stream", tokens.user(stream))
    }

    @Sendable private func stream(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let user = token.userID
        var after: Int64?
        if let id = request.lastEventID {
            guard let number = Int64(id), number >= 0 else {
                throw Problem.invalid("Last-Event-ID", "an id that this stream sent")
            }
            after = number
        }
        guard try await database.read({ try $0.role(of: user, in: room) }) != nil else { throw Problem(.notFound) }
        let life = Deadline.after(.milliseconds(max(0, token.expiresAt.milliseconds - clock.now.milliseconds)))
        let (loop, start) = (request.loop, after)
        return .events(for: request) { stream in
            let ended = Waiter<Void>()
            let watch = tokens.revocations.watch(token) { stream.finish() }
            let listener = Listener(user, .stream(stream, room: room))
            guard live.open(listener) else { return }
            defer {
                live.close(listener)
                withExtendedLifetime(watch) {}
            }
            try await begin(listener, on: stream, room, after: start, loop)
            // Until the client leaves or is cut off, which cancels this task, or the token has expired.
            try? await loop.wait(for: ended, until: life)
        }
    }

    /// What was missed, then what comes.
    private func begin(
        _ listener: Listener,
        on stream: EventStream,
        _ room: Identifier,
        after: Int64?,
        _ loop: EventLoop
    ) async throws {
        let user = listener.userID
        let company = try await database.read { connection in
            let role = try connection.role(of: user, in: room)
            let rooms = role.map { [(room: room, membership: Membership(role: $0))] } ?? []
            return Company(rooms: rooms, strangers: try connection.strangers(to: user))
        }
        live.begin(listener, in: company)
        guard listener.membership(in: room) != nil else { return stream.finish() }
        // Read once it hears the room: what happens after this is kept for it, what happened before is in the store.
        let now = try await database.read { try $0.room(room)?.change ?? 0 }
        var sent = after ?? now
        defer { listener.release(sent: [room: sent]) }
        if now - sent > Resumption.maximumChanges {
            stream.send(ServerSentEvent(event: "reset", data: "{}"))
            sent = now
        }
        while sent < now {
            let last = sent
            let page = try await database.read {
                try $0.changes(of: room, after: last, upTo: now, limit: Self.pageSize)
            }
            guard let end = page.last?.0.change else { break }
            for (change, message) in page {
                let news = News(change, message)
                guard listener.mayHear(news) else { continue }
                stream.send(news.event)
                try await stream.pace(on: loop)
            }
            sent = end
        }
    }
}
