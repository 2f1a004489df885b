import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Messages by HTTP: sent, changed, read and found.
struct MessageRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let log: ChatLog
    var observer: (any LiveObserver)?

    func add(to router: inout Router) {
        router.put("/v1/chat/rooms/:id/messages/:message", tokens.user(send))
        router.patch("/v1/chat/rooms/:id/messages/:message", tokens.user(edit))
        router.delete("/v1/chat/rooms/:id/messages/:message", tokens.user(delete))
        router.get("/v1/chat/rooms/:id/messages/:message", tokens.user(show))
        router.get("/v1/chat/rooms/:id/messages", tokens.user(history))
        router.put("/v1/chat/rooms/:id/read", tokens.user(read))
        router.put("/v1/chat/rooms/:id/delivered", tokens.user(deliver))
        router.get("/v1/chat/search", tokens.user(search))
    }

    @Sendable private func send(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let clientID = request.parameters["message"] ?? ""
        guard Message.isClientID(clientID) else { throw MessageText.badClientID }
        let body = try MessageText.check(try await request.json(MessageBody.self).body)
        let user = token.userID
        try await checkCompany(user, in: room)
        let now = clock.now
        let id = Identifier.version7(at: now)
        let sent = ChatMessageSent(
            messageID: id,
            roomID: room,
            authorID: user,
            clientMessageID: clientID,
            body: body,
            timestamp: now
        )
        let receipt = try await log.append(sent, id: id, traceparent: request.trace, on: request.loop)
        guard let message = receipt.message else { throw Problem(.internalError) }
        let location = "/v1/chat/rooms/\(room)/messages/\(message.seq)"
        return try .json(
            MessageView(message: message),
            status: receipt.isRepeat ? .ok : .created,
            [.location: location]
        )
    }

    @Sendable private func edit(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (room, seq) = (try request.identifier("id"), try request.message())
        let body = try MessageText.check(try await request.json(MessageBody.self).body)
        try await database.checkMember(token.userID, of: room)
        let (actor, now) = (token.userID, clock.now)
        let edited = try await database.read { try $0.edited(seq, in: room, to: body, by: actor, at: now) }
        _ = try await log.append(edited, traceparent: request.trace, on: request.loop)
        return try .json(try await message(seq, in: room))
    }

    @Sendable private func delete(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (room, seq) = (try request.identifier("id"), try request.message())
        try await database.checkMember(token.userID, of: room)
        let deleted = ChatMessageDeleted(roomID: room, seq: seq, actorID: token.userID, timestamp: clock.now)
        _ = try await log.append(deleted, traceparent: request.trace, on: request.loop)
        return .noContent
    }

    @Sendable private func read(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let body = try await request.json(ReadPut.self)
        let seq = body.seq
        guard seq > 0 else { throw Problem.invalid("/seq", "at least 1") }
        let user = token.userID
        // Between two people of whom one blocks the other not even the number of changes is to tell that something was read.
        let isRefused = try await database.read { connection in
            try connection.checkMember(user, of: room)
            return try connection.isRefused(user, in: room)
        }
        let read = ChatRead(
            roomID: room,
            userID: user,
            seq: seq,
            isPrivate: body.isPrivate == true || isRefused,
            timestamp: clock.now
        )
        _ = try await log.append(read, traceparent: request.trace, on: request.loop)
        observer?.seen(token.userID, seq, in: room)
        return .noContent
    }

    @Sendable private func deliver(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let seq = try await request.json(DeliveredPut.self).seq
        guard seq > 0 else { throw Problem.invalid("/seq", "at least 1") }
        try await checkCompany(token.userID, in: room)
        let delivered = ChatDelivered(roomID: room, userID: token.userID, seq: seq, timestamp: clock.now)
        _ = try await log.append(delivered, traceparent: request.trace, on: request.loop)
        return .noContent
    }

    // MARK: Reading

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (room, seq) = (try request.identifier("id"), try request.message())
        try await database.checkMember(token.userID, of: room)
        return try .json(try await message(seq, in: room))
    }

    private func message(_ seq: Int64, in room: Identifier) async throws -> MessageView {
        guard let message = try await database.read({ try $0.message(seq, in: room) }) else {
            throw Problem(.notFound)
        }
        return MessageView(message: message)
    }

    /// In the order of their numbers: the last ones, those before or those after one.
    @Sendable private func history(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let limit = try PageRequest(try request.query()).limit
        let (before, after) = (try request.number("before_seq"), try request.number("after_seq"))
        guard before == nil || after == nil else { throw Problem.invalid("after_seq", "not with before_seq") }
        let user = token.userID
        let view = try await database.read { connection in
            guard let state = try connection.room(room), try connection.role(of: user, in: room) != nil else {
                throw Problem(.notFound)
            }
            let found =
                if let after {
                    try connection.messages(of: room, after: after, limit: limit + 1)
                } else {
                    try connection.messages(of: room, before: before ?? .max, limit: limit + 1)
                }
            let page = found.prefix(limit)
            let items = after == nil ? Array(page.reversed()) : Array(page)
            return HistoryView(
                items: items.map(MessageView.init),
                room: state,
                hasMore: found.count > limit
            )
        }
        return try .json(view)
    }

    /// Messages of the caller's rooms that have all words, the newest first.
    @Sendable private func search(_ request: Request, _ token: AccessToken) async throws -> Response {
        let text = try request.query("q") ?? ""
        let room = try request.query("room_id").map { text throws(Problem) in
            guard let id = Identifier(text) else { throw .invalid("room_id", "an id") }
            return id
        }
        let query = try SearchQuery(text)
        let user = token.userID
        let page = try PageRequest(try request.query(), filter: "search \(user) \(text)")
        let before = page.after?.first.flatMap { Int64($0) } ?? .max
        let found = try await database.read {
            try $0.messages(matching: query.match, for: user, in: room, before: before, limit: page.limit + 1)
        }
        let numbers = Dictionary(found.map { ($0.message.id, $0.number) }) { first, _ in first }
        return try .page(
            page.page(found.map { MessageView(message: $0.message) }) { ["\(numbers[$0.message.id] ?? 0)"] },
            of: request
        )
    }

    /// Throws what keeps somebody from having to do with those in a room: in a direct one, also 403 where one of the two
    /// wants nothing from the other.
    private func checkCompany(_ user: Identifier, in room: Identifier) async throws {
        try await database.read { connection in
            try connection.checkMember(user, of: room)
            guard try !connection.isRefused(user, in: room) else { throw Problem(.messagesRefused) }
        }
    }
}

/// Words to look for, as FTS5 takes them: each in quotation marks, the last as a beginning.
struct SearchQuery: Sendable {
    static let maximumWords = 10
    static let maximumBytes = 200

    let match: String

    /// Throws 422 about `q`.
    init(_ text: String) throws(Problem) {
        let words = text.split { !$0.isLetter && !$0.isNumber }
        guard text.utf8.count <= Self.maximumBytes, (1...Self.maximumWords).contains(words.count) else {
            throw .invalid("q", "1 to \(Self.maximumWords) words, at most \(Self.maximumBytes) bytes")
        }
        match = words.map { "\"\($0)\"" }.joined(separator: " ") + "*"
    }
}

extension Request {
    /// The number of the message in the path.
    fileprivate func message() throws(Problem) -> Int64 {
        guard let seq = parameters["message"].flatMap({ Int64($0) }), seq > 0 else { throw Problem(.notFound) }
        return seq
    }

    /// A number of the query.
    fileprivate func number(_ name: String) throws(Problem) -> Int64? {
        guard let text = try query(name) else { return nil }
        guard let number = Int64(text), number >= 0 else { throw .invalid(name, "a whole number") }
        return number
    }
}
