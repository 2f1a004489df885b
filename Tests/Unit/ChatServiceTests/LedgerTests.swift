import Contracts
import EventBus
import System
import TestSupport
import Testing

@testable import ChatService
@testable import Persistence

/// What becomes of records, in the order of the log.
struct LedgerTests {
    private let room = Identifier.made(100)
    private let people = (1...5).map { Identifier.made(UInt8($0)) }

    /// Records of a busy room: allowed and not, repeated and not, of members and of others.
    private func records(_ count: Int, seed: UInt64) throws -> [Event] {
        var generator = SplitMix64(seed: seed)
        var events = [
            try event(
                ChatRoomCreated(
                    roomID: room,
                    roomType: .group,
                    creatorID: people[0],
                    memberIDs: Array(people.prefix(3)),
                    timestamp: .start
                ),
                0
            )
        ]
        for number in 1...count {
            let time = Timestamp.start.adding(milliseconds: Int64(number))
            guard let user = people.randomElement(using: &generator),
                let other = people.randomElement(using: &generator)
            else { continue }
            let seq = Int64.random(in: 1...Int64(count), using: &generator)
            let made: Event =
                switch Int.random(in: 0..<60, using: &generator) {
                case 0: try event(joined(other, .member, by: user, time), number)
                case 1: try event(joined(other, .admin, by: user, time), number)
                case 2: try event(joined(other, .owner, by: user, time), number)
                case 3: try event(left(other, by: user, .removed, time), number)
                case 4: try event(left(user, by: user, .left, time), number)
                case 5...8: try event(ChatRead(roomID: room, userID: user, seq: seq, timestamp: time), number)
                case 9, 10:
                    try event(
                        ChatMessageDeleted(roomID: room, seq: seq / 4 + 1, actorID: user, timestamp: time),
                        number
                    )
                case 11...16:
                    try event(
                        ChatMessageEdited(
                            roomID: room,
                            seq: seq / 4 + 1,
                            actorID: user,
                            body: "sửa \(number) @lan\(number % 3)",
                            timestamp: time
                        ),
                        number
                    )
                case 17: try event(ChatRoomMuted(roomID: room, userID: user, isMuted: true, timestamp: time), number)
                case 18...20:
                    try event(ChatDelivered(roomID: room, userID: user, seq: seq, timestamp: time), number)
                default:
                    try event(
                        message(from: user, named: "m\(seq % 40)", "tin \(number) @mai @lan\(seq % 3)", number, time),
                        number
                    )
                }
            events.append(made)
        }
        return events
    }

    private func joined(
        _ user: Identifier,
        _ role: ChatRole,
        by actor: Identifier,
        _ time: Timestamp
    ) -> ChatMemberJoined {
        ChatMemberJoined(roomID: room, userID: user, role: role, actorID: actor, timestamp: time)
    }

    private func left(
        _ user: Identifier,
        by actor: Identifier,
        _ reason: ChatMemberLeft.Reason,
        _ time: Timestamp
    ) -> ChatMemberLeft {
        ChatMemberLeft(roomID: room, userID: user, actorID: actor, reason: reason, timestamp: time)
    }

    private func message(
        from user: Identifier,
        named name: String,
        _ body: String,
        _ number: Int = 0,
        _ time: Timestamp = .start
    ) -> ChatMessageSent {
        ChatMessageSent(
            messageID: .numbered(number),
            roomID: room,
            authorID: user,
            clientMessageID: name,
            body: body,
            timestamp: time
        )
    }

    private func event(_ payload: some EventPayload, _ number: Int) throws -> Event {
        try Event(payload, id: .numbered(number), at: .start)
    }

    /// The verdicts and all rows that records lead to when they come in batches of some sizes.
    private func outcome(of events: [Event], batches size: () -> Int) async throws -> (String, [RoomLedger.Verdict]) {
        let store = try ChatTestStore()
        var (rest, verdicts) = (events[...], [RoomLedger.Verdict]())
        while !rest.isEmpty {
            let batch = Array(rest.prefix(size()))
            rest = rest.dropFirst(batch.count)
            verdicts += try await store.apply(batch).map(\.verdict)
        }
        return (try await store.tables(), verdicts)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `what becomes of records depends on their order alone, not on how they come`(seed: UInt64) async throws {
        let events = try records(400, seed: seed)
        let single = try await outcome(of: events) { 1 }
        let whole = try await outcome(of: events) { .max }
        var generator = SplitMix64(seed: seed)
        let mixed = try await outcome(of: events) { Int.random(in: 1...50, using: &generator) }
        #expect(single.0 == whole.0 && single.0 == mixed.0)
        #expect(single.1 == whole.1 && single.1 == mixed.1)
        let refused = single.1.count { if case .refused = $0 { true } else { false } }
        #expect(refused > 20 && refused < 380, "\(refused) of 400")
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `numbers of messages and of changes have no gaps`(seed: UInt64) async throws {
        let store = try ChatTestStore()
        _ = try await store.apply(try records(400, seed: seed))
        let room = room
        let (state, seqs, changes) = try await store.database.read { connection in
            (
                try connection.room(room),
                try connection.messages(of: room, after: 0, limit: 1000).map(\.seq),
                try connection.changes(of: room, after: 0, limit: 1000).map(\.0.change)
            )
        }
        let last = try #require(state)
        #expect(seqs == Array(1...last.seq) && changes == Array(1...last.change))
    }

    @Test func `a group has one owner at every moment, until nobody is left`() async throws {
        let store = try ChatTestStore()
        let room = room
        for event in try records(300, seed: 6) {
            _ = try await store.apply([event])
            let members = try await store.database.read { try $0.members(of: room) }
            #expect(members.count { $0.role == .owner } == (members.isEmpty ? 0 : 1))
            let count = try await store.database.read { try $0.room(room)?.members }
            #expect(count == members.count)
        }
    }

    @Test func `a name for a message holds for its author alone, and for ever`() async throws {
        let store = try ChatTestStore()
        _ = try await store.apply([try records(1, seed: 1)[0]])
        let sent = try await store.apply([
            try event(message(from: people[0], named: "a", "một", 1), 1),
            try event(message(from: people[1], named: "a", "hai", 2), 2),
            try event(message(from: people[0], named: "a", "khác", 3), 3),
            try event(message(from: people[4], named: "a", "lạ", 4), 4),
        ])
        let receipts = sent.map { one -> (Int64?, Bool?) in
            guard case .accepted(let receipt) = one.verdict else { return (nil, nil) }
            return (receipt.message?.seq, receipt.isRepeat)
        }
        #expect(receipts.map(\.0) == [1, 2, 1, nil] && receipts.map(\.1) == [false, false, true, nil])
        #expect(sent.last?.verdict == .refused(.notFound))
    }
}

/// A store of Chat without a broker.
struct ChatTestStore {
    let database: Database
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("chat.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: ChatStore.migrations)
    }

    /// Applies records as one batch.
    func apply(_ events: [Event]) async throws -> [RoomLedger.Decision] {
        try await database.write { transaction in
            var ledger = RoomLedger()
            for (offset, event) in events.enumerated() { try ledger.apply(event, at: Int64(offset), transaction) }
            try ledger.finish(transaction)
            return ledger.decisions
        }
    }

    /// How many messages name somebody, and were not read by somebody.
    func unreadMentions(of user: Identifier, in room: Identifier) async throws -> Int? {
        try await database.read { connection in
            guard let member = try connection.member(user, of: room) else { return nil }
            return try connection.mentions(of: user, in: room, after: member.readChange)
        }
    }

    /// All rows about rooms.
    func tables() async throws -> String {
        try await database.read { connection in
            var rows = ""
            for room in try connection.rows("SELECT id FROM rooms ORDER BY id", { try $0[0] as Identifier }) {
                rows += "\(String(describing: try connection.room(room)))\n"
                for member in try connection.members(of: room) { rows += "\(member)\n" }
                for message in try connection.messages(of: room, after: 0, limit: .max) { rows += "\(message)\n" }
                let mentions = try connection.rows(
                    "SELECT handle, change, seq FROM mentions WHERE room_id = \(room) ORDER BY handle, change"
                ) { "\(try $0[0] as String) \(try $0[1] as Int64) \(try $0[2] as Int64)\n" }
                rows += mentions.joined()
                for (change, _) in try connection.changes(of: room, after: 0, limit: .max) { rows += "\(change)\n" }
            }
            return rows
        }
    }
}

extension Identifier {
    /// A version 7 identifier that is always the same.
    static func made(_ last: UInt8) -> Identifier {
        Identifier(bytes: [1, 0x95, 0xAD, 0xC0, 0xDE, 0, 0x70, 1, 0x80, 0, 0, 0, 0, 0, 0, last])!
    }

    /// One of many.
    static func numbered(_ number: Int) -> Identifier {
        let low = UInt8(truncatingIfNeeded: number)
        let high = UInt8(truncatingIfNeeded: number >> 8)
        return Identifier(bytes: [1, 0x95, 0xAD, 0xC0, 0xDE, 0, 0x70, 2, 0x80, 0, 0, 0, 0, 0, high, low])!
    }
}

extension Timestamp {
    /// 2025-03-19T10:00:00Z.
    static let start = Timestamp(milliseconds: 1_742_378_400_000)
}
