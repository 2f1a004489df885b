import Persistence
import System
import Testing

struct IdempotencyTests {
    let test: TestDatabase
    var database: Database { test.database }
    let key = IdempotencyKey(scope: "user", route: "POST /v1/bookings", key: "abc")
    let response = StoredResponse(status: 201, headers: [OutboxHeader("Location", text: "/x")], body: Array("{}".utf8))
    let start = Timestamp(milliseconds: 1_000_000)

    init() throws { test = try TestDatabase() }

    private func decide(_ digest: [UInt8], at time: Timestamp) async throws -> IdempotencyDecision {
        try await database.read { [key] connection in try connection.decide(key, digest: digest, at: time) }
    }

    private func store(_ digest: [UInt8]) async throws {
        try await database.write { [response, key, start] transaction in
            try transaction.store(response, for: key, digest: digest, at: start)
        }
    }

    @Test func `the same key and body get the first answer again`() async throws {
        #expect(try await decide([1], at: start) == .proceed)
        try await store([1])
        #expect(try await decide([1], at: start) == .replay(response))
    }

    @Test func `the same key with another body is told so`() async throws {
        try await store([1])
        #expect(try await decide([2], at: start) == .bodyDiffers)
    }

    @Test func `an answer is forgotten after a day`() async throws {
        try await store([1])
        let later = start.adding(seconds: 86_400)
        #expect(try await decide([1], at: later.adding(milliseconds: -1)) == .replay(response))
        #expect(try await decide([1], at: later) == .proceed)
        let pruned = try await database.write { transaction in
            try transaction.pruneIdempotencyKeys(at: later, limit: 10)
        }
        #expect(pruned == 1)
    }

    @Test func `one request with a key is at work at a time`() {
        #expect(database.idempotency.begin(key))
        #expect(!database.idempotency.begin(key))
        database.idempotency.end(key)
        #expect(database.idempotency.begin(key))
    }
}
