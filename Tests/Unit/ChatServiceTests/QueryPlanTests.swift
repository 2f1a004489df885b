import Contracts
import EventBus
import ServiceKit
import System
import Testing

@testable import ChatService
@testable import Persistence

/// Runs the statements of Chat's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let room = Identifier.made(100)
    private let lan = Identifier.made(1)
    private let minh = Identifier.made(2)

    @Test func `no statement scans or sorts a table`() async throws {
        let store = try ChatTestStore()
        let test = self
        _ = try await store.apply(try records())
        try await store.database.write { transaction in
            try transaction.makeContact(test.lan)
            try transaction.save(Contact(userID: test.lan, handle: "lan", name: "Lan"), sequence: 1)
            try transaction.removeContact(test.lan)
        }
        try await store.database.read { try test.readAll($0) }
        let plans = try await store.database.preparedQueryPlans()
        #expect(plans.count > 35, "\(plans.count) statements")
        for (text, steps) in plans {
            // The index of texts hands out its matches in order.
            let rest = steps.filter { !$0.contains("VIRTUAL TABLE INDEX") }
            #expect(!rest.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    private func records() throws -> [Event] {
        let time = Timestamp.start
        func sent(_ user: Identifier, _ number: Int) -> ChatMessageSent {
            ChatMessageSent(
                messageID: .numbered(number),
                roomID: room,
                authorID: user,
                clientMessageID: "m\(number)",
                body: "vé số \(number), @minh @lan",
                timestamp: time
            )
        }
        func left(_ user: Identifier, _ reason: ChatMemberLeft.Reason) -> ChatMemberLeft {
            ChatMemberLeft(roomID: room, userID: user, actorID: user, reason: reason, timestamp: time)
        }
        let payloads: [any EventPayload] = [
            ChatRoomCreated(roomID: room, roomType: .group, creatorID: lan, memberIDs: [lan, minh], timestamp: time),
            ChatRoomChanged(roomID: room, actorID: lan, title: "Nhóm", timestamp: time),
            sent(lan, 1), sent(minh, 2), sent(minh, 3),
            ChatMessageEdited(roomID: room, seq: 1, actorID: lan, body: "sửa @mai", timestamp: time),
            ChatMessageDeleted(roomID: room, seq: 2, actorID: lan, timestamp: time),
            ChatDelivered(roomID: room, userID: lan, seq: 2, timestamp: time),
            ChatRead(roomID: room, userID: lan, seq: 3, timestamp: time),
            ChatRead(roomID: room, userID: minh, seq: 1, isPrivate: true, timestamp: time),
            ChatRoomMuted(roomID: room, userID: lan, isMuted: true, timestamp: time),
            ChatMemberJoined(roomID: room, userID: .made(3), role: .member, actorID: lan, timestamp: time),
            ChatMemberJoined(roomID: room, userID: .made(4), role: .admin, actorID: lan, timestamp: time),
            left(.made(3), .left), left(.made(3), .erased), left(lan, .erased),
        ]
        return try payloads.enumerated().map { try Event($1, id: .numbered($0), at: time) }
    }

    private func readAll(_ connection: Persistence.Connection) throws {
        #expect(try connection.room(room)?.members == 2)
        #expect(try connection.member(.made(4), of: room)?.role == .owner)
        #expect(try connection.rooms(of: minh, after: nil, limit: 10) == [room])
        #expect(try connection.company(of: minh).rooms.count == 1)
        _ = try connection.peer(of: minh, in: room)
        #expect(try connection.message(1, in: room)?.body == nil, "an account that is gone leaves no text")
        #expect(try connection.messages(of: room, before: 4, limit: 2).map(\.seq) == [3, 2])
        #expect(try connection.messages(of: room, after: 1, limit: 2).map(\.seq) == [2, 3])
        #expect(try connection.lastSeq(of: room, upTo: 4) == 2)
        let query = try SearchQuery("số ve")
        for room in [nil, room] {
            let found = try connection.messages(matching: query.match, for: minh, in: room, before: .max, limit: 9)
            #expect(found.map(\.message.seq) == [3])
        }
        let changes = try connection.changes(of: room, after: 0, limit: 100)
        #expect(changes.allSatisfy { $0.0.actorID != lan && $0.0.userID != lan })
        #expect(try connection.contact(withHandle: "lan") == nil)
        #expect(try connection.acquaintances(of: minh) == [minh, .made(4)])
        _ = try connection.roomsEver(of: minh, limit: 1)
        #expect(try connection.mentions(of: minh, in: room, after: 0) == 0)
        let edited = try connection.edited(3, in: room, to: "@lan @mai", by: minh, at: .start)
        #expect(edited.mentions == ["mai"] && edited.messageID != nil)
    }
}

/// Small rules.
struct ChatRuleTests {
    @Test func `the room of two people is the same whoever asks`() {
        let (one, other) = (Identifier.made(1), Identifier.made(2))
        #expect(Room.direct(one, other) == Room.direct(other, one))
        #expect(Room.direct(one, other) != Room.direct(one, .made(3)))
        #expect(Room.group(of: one, key: "k") != Room.group(of: other, key: "k"))
    }

    @Test func `frames may come at once as many as in a minute, and then one by one`() {
        var pace = FramePace(perMinute: 60)
        #expect((0..<60).allSatisfy { _ in pace.take(at: 5) == nil })
        #expect(pace.take(at: 5).map { $0 > 0 && $0 <= 1001 } == true)
        #expect(pace.take(at: 1_100_000_005) == nil && pace.take(at: 1_100_000_006) != nil)
    }

    @Test func `words to search for cannot be operators`() throws {
        #expect(try SearchQuery(#"a" OR body:b*"#).match == #""a" "OR" "body" "b"*"#)
        #expect(throws: Problem.self) { try SearchQuery(" *\" ") }
        #expect(Message.isClientID("a-1.B_") && !Message.isClientID("") && !Message.isClientID("a/b"))
        #expect(!Message.isClientID(String(repeating: "a", count: 65)))
    }

    @Test func `a text has something to be seen`() throws {
        #expect(throws: Problem.self) { try MessageText.check(" \n\t ") }
        #expect(throws: Problem.self) { try MessageText.check("a\0") }
        #expect(throws: Problem.self) { try MessageText.check(String(repeating: "ă", count: 4001)) }
        #expect(try MessageText.check("🍿") == "🍿")
    }
}
