import Persistence
import Synchronization
import System
import TestSupport
import Testing

struct DatabaseTests {
    let test: TestDatabase
    var database: Database { test.database }

    init() throws { test = try TestDatabase() }

    private func add(_ text: String) async throws {
        let id = Identifier.version7(at: WallClock.system.now)
        try await database.write { transaction in
            try transaction.execute("INSERT INTO notes (id, text) VALUES (\(id), \(text))")
        }
    }

    private func texts() async throws -> [String] {
        try await database.read { connection in
            try connection.rows("SELECT text FROM notes ORDER BY text") { row in try row[0] }
        }
    }

    @Test func `a read sees a write that has returned`() async throws {
        try await add("first")
        #expect(try await texts() == ["first"])
    }

    @Test func `values survive storage`() async throws {
        struct Sample: Equatable {
            var id: Identifier
            var time: Timestamp
            var text: String
            var bytes: [UInt8]
            var flag: Bool
            var number: Double
            var missing: String?
        }
        let sample = Sample(
            id: .version7(at: Timestamp(milliseconds: 5)),
            time: Timestamp(milliseconds: -7),
            text: "",
            bytes: [],
            flag: true,
            number: 0.25,
            missing: nil
        )
        let read = try await database.read { connection in
            try connection.first(
                """
                SELECT \(sample.id), \(sample.time), \(sample.text), \(sample.bytes), \(sample.flag), \(sample.number),
                \(sample.missing)
                """
            ) { row in
                Sample(
                    id: try row[0],
                    time: try row[1],
                    text: try row[2],
                    bytes: try row[3],
                    flag: try row[4],
                    number: try row[5],
                    missing: try row[6]
                )
            }
        }
        #expect(read == sample)
    }

    @Test func `text of a caller is a value and never SQL`() async throws {
        try await add("'); DROP TABLE notes; --")
        #expect(try await texts() == ["'); DROP TABLE notes; --"])
    }

    @Test func `a closure that throws undoes its own changes only`() async throws {
        struct Refusal: Error {}
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { [database] in
                    do {
                        try await database.write { transaction in
                            let id = Identifier.version7(at: Timestamp(milliseconds: Int64(number)))
                            try transaction.execute("INSERT INTO notes (id, text) VALUES (\(id), \(String(number)))")
                            if number % 2 == 1 { throw Refusal() }
                        }
                        #expect(number % 2 == 0)
                    } catch is Refusal {
                        #expect(number % 2 == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await texts()) == Set((0..<50).map { String($0 * 2) }))
    }

    @Test func `a violated unique constraint says its columns`() async throws {
        try await add("same")
        let error = await #expect(throws: DatabaseError.self) { try await add("same") }
        #expect(error?.code == .uniqueViolation)
        #expect(error?.constraint == "notes.text")
    }

    @Test func `a violated check is told from a unique constraint`() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { transaction in
                try transaction.execute("INSERT INTO notes (id, text, size) VALUES (x'00', 'a', -1)")
            }
        }
        #expect(error?.code == .constraintViolation)
    }

    @Test func `a reader cannot write`() async throws {
        await #expect(throws: DatabaseError.self) {
            try await database.read { connection in _ = try connection.value("DELETE FROM notes", as: Int.self) }
        }
    }

    @Test func `NULL is no value for a type that is not optional`() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { connection in _ = try connection.value("SELECT NULL", as: String.self) }
        }
        #expect(error?.code == .decoding)
    }

    @Test func `a query inside the closure of the same query works`() async throws {
        try await add("a")
        try await add("b")
        let pairs = try await database.read { connection in
            try connection.rows("SELECT text FROM notes ORDER BY text") { outer in
                let inner: [String] = try connection.rows("SELECT text FROM notes ORDER BY text") { row in try row[0] }
                return try outer[0] as String + inner.joined()
            }
        }
        #expect(pairs == ["aab", "bab"])
    }

    @Test func `what follows a commit runs after it and never for an undone closure`() async throws {
        struct Refusal: Error {}
        let log = Calls()
        try await database.write { transaction in transaction.afterCommit { log.add("kept") } }
        try? await database.write { transaction in
            transaction.afterCommit { log.add("undone") }
            throw Refusal()
        }
        #expect(log.all == ["kept"])
    }

    @Test func `a query plan shows a scan and a search`() async throws {
        #expect(try await database.queryPlan("SELECT * FROM notes WHERE size = 1") == ["SCAN notes"])
        let plan = try await database.queryPlan("SELECT * FROM notes WHERE text = \("a")")
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") })
    }

    @Test func `a closed database finishes what is queued and refuses more`() async throws {
        async let last: Void = add("last")
        try await last
        await database.close()
        let error = await #expect(throws: DatabaseError.self) { try await add("late") }
        #expect(error?.code == .closed)
    }

    @Test func `a backup is a sound copy`() async throws {
        try await add("kept")
        let copy = test.directory.appending("copy.db")
        try await database.backup(to: copy)
        let restored = try Database.open(.init(path: copy), migrations: [TestDatabase.notes])
        #expect(try await restored.integrityProblems().isEmpty)
        let text = try await restored.read { connection in
            try connection.value("SELECT text FROM notes", as: String.self)
        }
        #expect(text == "kept")
        await restored.close()
    }
}

/// Calls in the order in which they came.
final class Calls: Sendable {
    private let calls = Mutex<[String]>([])

    var all: [String] { calls.withLock(\.self) }

    func add(_ call: String) { calls.withLock { $0.append(call) } }
}
