import Persistence
import System
import Testing

struct OutboxTests {
    let test: TestDatabase
    var database: Database { test.database }
    let row = OutboxRow(
        eventID: .version7(at: Timestamp(milliseconds: 1)),
        topic: "user-events",
        aggregateType: "user",
        aggregateID: Array("key".utf8),
        type: "user.registered",
        payload: Array("{}".utf8),
        headers: [OutboxHeader("ce_id", text: "1"), OutboxHeader("empty", []), OutboxHeader("null", nil)]
    )

    init() throws { test = try TestDatabase() }

    private func outbox(after id: Int64 = 0, limit: Int = 100) async throws -> [OutboxRow] {
        try await database.read { connection in try connection.outbox(after: id, limit: limit) }
    }

    @Test func `rows come back whole and in order`() async throws {
        var tombstone = row
        tombstone.payload = nil
        tombstone.aggregateID = nil
        let ids = try await database.write { [row, tombstone] transaction in
            [try transaction.appendToOutbox(row), try transaction.appendToOutbox(tombstone)]
        }
        var expected = [row, tombstone]
        for index in 0...1 { expected[index].id = ids[index] }
        #expect(try await outbox() == expected)
        #expect(try await outbox(after: ids[0]).map(\.id) == [ids[1]])
    }

    @Test func `the number of a delivered row is not used again`() async throws {
        let first = try await database.write { [row] transaction in
            let id = try transaction.appendToOutbox(row)
            try transaction.deleteFromOutbox(through: id)
            return id
        }
        let second = try await database.write { [row] transaction in try transaction.appendToOutbox(row) }
        #expect(second > first)
        #expect(try await outbox().map(\.id) == [second])
    }

    @Test func `the relay gets every row once and in order, from memory or from the file`() async throws {
        let count = 1500  // More than are kept in memory.
        var before: [Int64] = []
        for _ in 0..<3 { before.append(try await database.write { [row] in try $0.appendToOutbox(row) }) }
        try await database.write { [row] transaction in
            for _ in 0..<count { try transaction.appendToOutbox(row) }
        }
        struct Refusal: Error {}
        try? await database.write { [row] transaction in
            try transaction.appendToOutbox(row)
            throw Refusal()
        }
        try await database.write { [row] in _ = try $0.appendToOutbox(row) }
        var seen: [Int64] = []
        while let last = try await database.outbox(after: seen.last ?? 0, limit: 100).last?.id {
            seen += try await database.outbox(after: seen.last ?? 0, limit: 100).map(\.id)
            #expect(seen.last == last)
        }
        #expect(try await seen == outbox(limit: count * 2).map(\.id))
        #expect(try await database.outbox(after: seen[seen.count - 2], limit: 9) == outbox(after: seen[seen.count - 2]))
        #expect(try await database.outbox(after: before[1], limit: 1).map(\.id) == [before[2]])
    }

    @Test func `the relay is woken by a commit and only by one that appended`() async throws {
        struct Refusal: Error {}
        let wakes = Calls()
        database.onOutboxAppend { wakes.add("wake") }
        try await database.write { _ in }
        try? await database.write { [row] transaction in
            try transaction.appendToOutbox(row)
            throw Refusal()
        }
        #expect(wakes.all == [])
        try await database.write { [row] transaction in _ = try transaction.appendToOutbox(row) }
        #expect(wakes.all == ["wake"])
    }

    @Test func `an event takes effect once`() async throws {
        let time = Timestamp(milliseconds: 1000)
        let results = try await database.write { transaction in
            [
                try transaction.insertIntoInbox(source: "/user", id: "1", at: time),
                try transaction.insertIntoInbox(source: "/user", id: "1", at: time),
                try transaction.insertIntoInbox(source: "/auth", id: "1", at: time),
            ]
        }
        #expect(results == [true, false, true])
    }

    @Test func `old inbox rows go, the oldest first`() async throws {
        let removed = try await database.write { transaction in
            for number in 1...5 {
                let time = Timestamp(milliseconds: Int64(number))
                _ = try transaction.insertIntoInbox(source: "/user", id: String(number), at: time)
            }
            return [
                try transaction.pruneInbox(before: Timestamp(milliseconds: 5), limit: 3),
                try transaction.pruneInbox(before: Timestamp(milliseconds: 5), limit: 3),
            ]
        }
        #expect(removed == [3, 1])
    }

    @Test func `a group finds its places, and those on another cluster apart`() async throws {
        try await database.write { transaction in
            for next in [5, 6] as [Int64] {
                try transaction.setOffset(.init(topic: "a", partition: 1, next: next), cluster: "one", group: "g")
            }
            try transaction.setOffset(.init(topic: "a", partition: 1, next: 9), cluster: "one", group: "other")
        }
        let (here, clusters) = try await database.read { connection in
            (try connection.offsets(cluster: "one", group: "g"), try connection.offsetClusters(group: "g"))
        }
        #expect(here == [ConsumerOffset(topic: "a", partition: 1, next: 6)])
        #expect(clusters == ["one"])
        let place = ConsumerOffset(topic: "a", partition: 1, next: 2)
        try await database.write { transaction in try transaction.adoptCluster("two", group: "g", [place]) }
        let moved = try await database.read { connection in
            (try connection.offsets(cluster: "two", group: "g"), try connection.offsetClusters(group: "g"))
        }
        #expect(moved.0 == [place] && moved.1 == ["two"])
    }

    @Test(
        arguments: [
            "SELECT * FROM outbox WHERE id > 5 ORDER BY id LIMIT 10",
            "SELECT source, id FROM inbox INDEXED BY inbox_by_time WHERE applied_at < 5 ORDER BY applied_at LIMIT 10",
            "SELECT * FROM consumer_offsets WHERE cluster_id = 'c' AND group_name = 'g' ORDER BY topic, partition",
            "SELECT * FROM idempotency_keys WHERE scope = 's' AND route = 'r' AND key = 'k'",
        ] as [SQL]
    )
    func `no query of the shared tables scans or sorts`(sql: SQL) async throws {
        let plan = try await database.queryPlan(sql)
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
    }
}
