import Persistence
import Synchronization
import System
import TestSupport
import Testing

struct WriterTests {
    @Test func `requests go ahead of queued background writes`() async throws {
        let test = try TestDatabase()
        let database = test.database
        let order = Calls()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await database.write { _ in gate.pass() }
            }
            await gate.reached()
            for number in 0..<10 {
                group.addTask { try? await database.write(priority: .background) { _ in order.add("b\(number)") } }
            }
            try await eventually("ten queue") { database.queuedWrites == 10 }
            for number in 0..<10 {
                group.addTask { try? await database.write { _ in order.add("r\(number)") } }
            }
            try await eventually("twenty queue") { database.queuedWrites == 20 }
            gate.open()
        }
        #expect(order.all.count == 20)
        // The group that was held open ends with one background write.
        #expect(order.all.prefix(11).count { $0.hasPrefix("r") } == 10)
        await database.close()
    }

    @Test func `more calls than the queue holds are refused as overload`() async throws {
        let test = try TestDatabase { $0.maximumQueued = 4 }
        let database = test.database
        let gate = Gate()
        let results = try await withThrowingTaskGroup(of: DatabaseError.Code?.self) { group in
            group.addTask {
                try? await database.write { _ in gate.pass() }
                return nil
            }
            await gate.reached()
            for _ in 0..<10 {
                group.addTask { await failure { try await database.write { _ in } } }
            }
            var results: [DatabaseError.Code?] = []
            while results.count < 6, let refused = try await group.next() { results.append(refused) }
            gate.open()
            return try await group.reduce(into: results) { results, result in results.append(result) }
        }
        #expect(results.count { $0 == .overloaded } == 6)
        #expect(results.count { $0 == nil } == 5)
        await database.close()
    }

    @Test func `a slow closure is reported`() async throws {
        let calls = Calls()
        let test = try TestDatabase { $0.slowWrite = { nanoseconds in calls.add("\(nanoseconds / 50_000_000)") } }
        try await test.database.write { _ in
            let end = MonotonicClock.nanoseconds + 60_000_000
            while MonotonicClock.nanoseconds < end {}
        }
        #expect(calls.all.count == 1)
        await test.database.close()
    }

    @Test func `the log of writes is moved into the file and reused`() async throws {
        let table = Migration(1, "pages", "CREATE TABLE pages (id INTEGER PRIMARY KEY, content BLOB) STRICT")
        let test = try TestDatabase(migrations: [table])
        let content = [UInt8](repeating: 7, count: 400_000)
        for _ in 0..<120 {
            try await test.database.write { transaction in
                try transaction.execute("INSERT INTO pages (content) VALUES (\(content))")
            }
        }
        let size = try File.read(test.directory.appending("test.db-wal")).count
        #expect(size < 30_000_000)
        await test.database.close()
        #expect(!File.exists(test.directory.appending("test.db-wal")))
    }

}

/// The code of what a call throws.
private func failure(_ call: () async throws -> Void) async -> DatabaseError.Code? {
    do {
        try await call()
        return nil
    } catch {
        return (error as? DatabaseError)?.code
    }
}

/// Holds the writer thread inside a closure until it is opened.
final class Gate: Sendable {
    private let isReached = Atomic(false)
    private let isOpen = Atomic(false)

    func pass() {
        isReached.store(true, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) {}
    }

    func reached() async {
        while !isReached.load(ordering: .acquiring) { await Task.yield() }
    }

    func open() { isOpen.store(true, ordering: .releasing) }
}
