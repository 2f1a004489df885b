import Contracts
import EventBus
import System
import Testing

@testable import ChatService
@testable import Persistence

/// What is unread, what names somebody, and what has reached whose device.
struct MarkTests {
    private let room = Identifier.made(100)
    private let lan = Identifier.made(1)
    private let minh = Identifier.made(2)
    private let mai = Identifier.made(3)
    private let store: ChatTestStore

    init() throws { store = try ChatTestStore() }

    /// Applies records one after another, each in a batch of its own.
    private func apply(_ payloads: any EventPayload...) async throws {
        for payload in payloads {
            _ = try await store.apply([try Event(payload, id: .version7(at: .start), at: .start)])
        }
    }

    private func opened(_ members: [Identifier]) -> ChatRoomCreated {
        ChatRoomCreated(roomID: room, roomType: .group, creatorID: lan, memberIDs: members, timestamp: .start)
    }

    private func said(_ body: String, _ number: Int, by author: Identifier) -> ChatMessageSent {
        ChatMessageSent(
            messageID: .numbered(number),
            roomID: room,
            authorID: author,
            clientMessageID: "m\(number)",
            body: body,
            timestamp: .start
        )
    }

    private func edited(_ seq: Int64, _ body: String, by author: Identifier) -> ChatMessageEdited {
        ChatMessageEdited(roomID: room, seq: seq, actorID: author, body: body, timestamp: .start)
    }

    private func read(_ seq: Int64, by user: Identifier, isPrivate: Bool = false) -> ChatRead {
        ChatRead(roomID: room, userID: user, seq: seq, isPrivate: isPrivate, timestamp: .start)
    }

    private func delivered(_ seq: Int64, to user: Identifier) -> ChatDelivered {
        ChatDelivered(roomID: room, userID: user, seq: seq, timestamp: .start)
    }

    private func name(_ user: Identifier, _ handle: String, _ sequence: Int64 = 1) async throws {
        try await store.database.write { transaction in
            try transaction.save(Contact(userID: user, handle: handle, name: nil), sequence: sequence)
        }
    }

    private func unread(_ user: Identifier) async throws -> Int? {
        try await store.unreadMentions(of: user, in: room)
    }

    @Test func `messages that name somebody are counted until they are read, in private too`() async throws {
        try await name(minh, "minh")
        try await apply(
            opened([lan, minh]),
            said("@minh một", 1, by: lan),
            said("hai", 2, by: lan),
            said("@Minh ba, @minh", 3, by: lan)
        )
        #expect(try await unread(minh) == 2)
        try await apply(read(2, by: minh))
        #expect(try await unread(minh) == 1)
        try await apply(read(1, by: minh), read(3, by: minh, isPrivate: true))
        #expect(try await unread(minh) == 0)
        try await apply(said("@minh bốn", 4, by: lan), said("@minh là tôi", 5, by: minh))
        #expect(try await unread(minh) == 0, "who writes has read what was there")
        #expect(try await unread(lan) == 0)
    }

    @Test func `a new text counts whom it names from then on, and takes back whom it names no more`() async throws {
        try await name(minh, "minh")
        try await apply(opened([lan, minh]), said("một", 1, by: lan), said("hai", 2, by: lan), read(2, by: minh))
        try await apply(edited(1, "@minh một", by: lan))
        #expect(try await unread(minh) == 1, "the text that was read did not name minh")
        try await apply(edited(1, "@minh, một!", by: lan))
        #expect(try await unread(minh) == 1)
        try await apply(read(2, by: minh))
        #expect(try await unread(minh) == 0, "a receipt for the last message is one for what it says now")
        try await apply(said("@minh ba", 3, by: lan), edited(3, "ba", by: lan))
        #expect(try await unread(minh) == 0)
        try await apply(
            said("@minh bốn", 4, by: lan),
            ChatMessageDeleted(roomID: room, seq: 4, actorID: lan, timestamp: .start)
        )
        #expect(try await unread(minh) == 0)
        try await apply(said("năm", 5, by: minh), edited(5, "@minh", by: minh))
        #expect(try await unread(minh) == 0, "nobody is named by themselves")
    }

    @Test func `who leaves and comes back, is erased or has another name is not counted for what was`() async throws {
        try await name(minh, "minh")
        func went(_ user: Identifier, _ reason: ChatMemberLeft.Reason) -> ChatMemberLeft {
            ChatMemberLeft(roomID: room, userID: user, actorID: user, reason: reason, timestamp: .start)
        }
        try await apply(opened([lan, minh, mai]), said("@minh một", 1, by: lan), went(minh, .left))
        #expect(try await unread(minh) == nil)
        try await apply(
            said("@minh hai", 2, by: lan),
            ChatMemberJoined(roomID: room, userID: minh, role: .member, actorID: lan, timestamp: .start)
        )
        #expect(try await unread(minh) == 0)
        try await apply(said("@minh ba", 3, by: lan), said("@minh bốn", 4, by: mai))
        #expect(try await unread(minh) == 2)
        try await apply(went(mai, .erased))
        #expect(try await unread(minh) == 1, "an account that is gone names nobody")
        try await name(minh, "minh.le", 2)
        #expect(try await unread(minh) == 0)
    }

    private func marks(of user: Identifier) async throws -> [Int64] {
        try await store.database.read { [room] connection in
            let member = try connection.member(user, of: room)
            let changes = try connection.changes(of: room, after: 0, limit: 1000).map(\.0)
            let told = changes.filter { $0.kind == .delivered && $0.userID == user }.compactMap(\.seq)
            return [member?.shownDeliveredSeq ?? -1] + told
        }
    }

    @Test func `what has reached a device only grows, and is told once and not of what was read`() async throws {
        try await apply(opened([lan, minh]))
        for number in 1...5 { try await apply(said("tin", number, by: lan)) }
        try await apply(delivered(2, to: minh), delivered(2, to: minh), delivered(1, to: minh))
        #expect(try await marks(of: minh) == [2, 2])
        try await apply(read(3, by: minh), delivered(3, to: minh))
        #expect(try await marks(of: minh) == [3, 2], "what was read has come")
        try await apply(delivered(99, to: minh))
        #expect(try await marks(of: minh) == [5, 2, 5], "no more than there is")
        try await apply(delivered(5, to: mai), delivered(5, to: lan))
        #expect(try await marks(of: lan) == [5])
        #expect(try await marks(of: mai) == [-1])
    }

    @Test func `what was read in private is not told as delivered, nor anything in a large room`() async throws {
        try await apply(opened([lan, minh]), said("một", 1, by: lan), said("hai", 2, by: lan))
        try await apply(read(2, by: minh, isPrivate: true), delivered(2, to: minh))
        #expect(try await marks(of: minh) == [0])
        let many = (0..<Room.maximumNoted).map { Identifier.numbered($0) }
        for user in many.dropLast(2) {
            try await apply(
                ChatMemberJoined(roomID: room, userID: user, role: .member, actorID: lan, timestamp: .start)
            )
        }
        try await apply(said("ba", 3, by: lan), delivered(3, to: minh))
        #expect(try await marks(of: minh) == [3, 3])
        try await apply(
            ChatMemberJoined(roomID: room, userID: mai, role: .member, actorID: lan, timestamp: .start),
            said("bốn", 4, by: lan),
            delivered(4, to: minh)
        )
        #expect(try await marks(of: minh) == [3, 3])
    }
}
