import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// Rooms and who is in them.
struct RoomRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let log: ChatLog
    let arrival: PersonArrival

    func add(to router: inout Router) {
        router.post("/v1/chat/rooms", tokens.user(create))
        router.get("/v1/chat/rooms", tokens.user(list))
        router.get("/v1/chat/rooms/:id", tokens.user(show))
        router.patch("/v1/chat/rooms/:id", tokens.user(rename))
        router.put("/v1/chat/rooms/:id/members/:user_id", tokens.user(join))
        router.delete("/v1/chat/rooms/:id/members/:user_id", tokens.user(leave))
        router.put("/v1/chat/rooms/:id/mute", tokens.user(mute))
        router.delete("/v1/chat/rooms/:id/mute", tokens.user(unmute))
    }

    @Sendable private func create(_ request: Request, _ token: AccessToken) async throws -> Response {
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(NewRoom.self, from: bytes, contentType: request.headerFields[.contentType])
        let user = token.userID
        let people = try body.people(with: user)
        try await database.read { try $0.checkStanding(of: user) }
        try await arrival.expect(Array(people.dropFirst()), "/member_ids", at: clock.now, on: request.loop)
        let key = try request.idempotencyKey()
        let created = ChatRoomCreated(
            roomID: roomID(body.type, people, key: key),
            roomType: body.type,
            title: body.title,
            creatorID: user,
            memberIDs: people,
            requestDigest: body.type == .group && key != nil
                ? Hexadecimal.encode(HashFunction.sha256.digest(bytes)) : nil,
            timestamp: clock.now
        )
        if body.type == .direct {
            let isBlock = try await database.read { try $0.isBlock(between: people[0], and: people[1]) }
            guard !isBlock else { throw Problem(.messagesRefused) }
        }
        let receipt = try await log.append(created, traceparent: request.trace, on: request.loop)
        // A direct room that was there is shown; a group under the same key was made by this very request.
        let status: HTTPResponse.Status = receipt.isRepeat && body.type == .direct ? .ok : .created
        let view = try await view(of: receipt.roomID, for: user)
        return try .json(view, status: status, [.location: "/v1/chat/rooms/\(receipt.roomID)"])
    }

    private func roomID(_ type: ChatRoomType, _ people: [Identifier], key: String?) -> Identifier {
        if type == .direct { return Room.direct(people[0], people[1]) }
        return key.map { Room.group(of: people[0], key: $0) } ?? .version7(at: clock.now)
    }

    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let page = try PageRequest(try request.query(), filter: "rooms \(user)")
        let after = try page.after.map { key throws(Problem) in
            guard let id = key.first.flatMap({ Identifier($0) }) else { throw Problem(.invalidCursor) }
            return id
        }
        let views = try await database.read { connection in
            try connection.rooms(of: user, after: after, limit: page.limit + 1).compactMap {
                try RoomView($0, for: user, isWhole: false, connection)
            }
        }
        return try .page(page.page(views) { ["\($0.room.id)"] }, of: request)
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        try .json(try await view(of: try request.identifier("id"), for: token.userID))
    }

    /// Throws 404 to who is not in it.
    private func view(of room: Identifier, for user: Identifier) async throws -> RoomView {
        let view = try await database.read { try RoomView(room, for: user, isWhole: true, $0) }
        guard let view else { throw Problem(.notFound) }
        return view
    }

    @Sendable private func rename(_ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let patch = try await request.json(RoomPatch.self)
        try await database.checkMember(token.userID, of: room)
        let changed = ChatRoomChanged(
            roomID: room,
            actorID: token.userID,
            title: try RoomTitle.check(patch.title),
            timestamp: clock.now
        )
        _ = try await log.append(changed, traceparent: request.trace, on: request.loop)
        return try .json(try await view(of: room, for: token.userID))
    }

    // MARK: Members

    @Sendable private func join(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (room, user) = (try request.identifier("id"), try request.identifier("user_id"))
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let contentType = request.headerFields[.contentType]
        let role = bytes.isEmpty ? nil : try JSONBody.decode(RolePut.self, from: bytes, contentType: contentType).role
        try await database.checkMember(token.userID, of: room)
        try await arrival.expect([user], "user_id", at: clock.now, on: request.loop)
        let isBlock = try await database.read { try $0.isBlock(between: token.userID, and: user) }
        guard !isBlock else { throw Problem(.messagesRefused) }
        let joined = ChatMemberJoined(
            roomID: room,
            userID: user,
            role: role ?? .member,
            actorID: token.userID,
            timestamp: clock.now
        )
        _ = try await log.append(joined, traceparent: request.trace, on: request.loop)
        return .noContent
    }

    @Sendable private func leave(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (room, user) = (try request.identifier("id"), try request.identifier("user_id"))
        try await database.checkMember(token.userID, of: room)
        let left = ChatMemberLeft(
            roomID: room,
            userID: user,
            actorID: token.userID,
            reason: user == token.userID ? .left : .removed,
            timestamp: clock.now
        )
        _ = try await log.append(left, traceparent: request.trace, on: request.loop)
        return .noContent
    }

    @Sendable private func mute(_ request: Request, _ token: AccessToken) async throws -> Response {
        try await setMuted(true, request, token)
    }

    @Sendable private func unmute(_ request: Request, _ token: AccessToken) async throws -> Response {
        try await setMuted(false, request, token)
    }

    private func setMuted(_ isMuted: Bool, _ request: Request, _ token: AccessToken) async throws -> Response {
        let room = try request.identifier("id")
        let user = token.userID
        let member = try await database.read { try $0.member(user, of: room) }
        guard let member else { throw Problem(.notFound) }
        guard member.isMuted != isMuted else { return .noContent }
        let muted = ChatRoomMuted(roomID: room, userID: user, isMuted: isMuted, timestamp: clock.now)
        _ = try await log.append(muted, traceparent: request.trace, on: request.loop)
        return .noContent
    }
}

extension Connection {
    /// Throws what keeps somebody from acting in a room: 403 who is banned, 404 who is not in it.
    func checkMember(_ user: Identifier, of room: Identifier) throws {
        try checkStanding(of: user)
        guard try role(of: user, in: room) != nil else { throw Problem(.notFound) }
    }
}

extension Database {
    /// As ``Connection/checkMember(_:of:)``.
    func checkMember(_ user: Identifier, of room: Identifier) async throws {
        try await read { try $0.checkMember(user, of: room) }
    }
}

extension Request {
    /// The trace that what it writes carries on.
    var trace: String? { traceContext?.traceparent }
}
