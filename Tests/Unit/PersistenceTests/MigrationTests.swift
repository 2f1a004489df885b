import Persistence
import System
import TestSupport
import Testing

struct MigrationTests {
    let directory: TemporaryDirectory
    var path: String { directory.appending("test.db") }
    let first = Migration(1, "one", "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT; INSERT INTO one VALUES (1)")
    let second = Migration(2, "two", "ALTER TABLE one ADD COLUMN name TEXT NOT NULL DEFAULT 'x'")

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ migrations: [Migration]) throws -> Database {
        try Database.open(Database.Configuration(path: path), migrations: migrations)
    }

    @Test func `a file is brought up to date and keeps a copy of what it was`() async throws {
        await (try open([first])).close()
        #expect(!File.exists(path + ".before-1"))
        let database = try open([first, second])
        let name = try await database.read { connection in try connection.value("SELECT name FROM one", as: String.self)
        }
        #expect(name == "x")
        await database.close()
        let copy = try Database.open(Database.Configuration(path: path + ".before-2"), migrations: [first])
        #expect(try await copy.read { connection in try connection.value("SELECT id FROM one", as: Int.self) } == 1)
        await copy.close()
    }

    @Test func `a copy is kept for a week, since erased people are still in it`() async throws {
        await (try open([first])).close()
        await (try open([first, second])).close()
        let (copy, now) = (path + ".before-2", WallClock.system.now)
        let week = MigrationCopies.lifeSeconds
        try MigrationCopies.prune(of: path, at: now.adding(seconds: week - 60))
        #expect(File.exists(copy))
        try MigrationCopies.prune(of: path, at: now.adding(seconds: week + 60))
        #expect(!File.exists(copy) && File.exists(path))
    }

    @Test func `steps that were done are not done again`() async throws {
        await (try open([first])).close()
        let database = try open([first])
        #expect(try await database.read { connection in try connection.value("SELECT count(*) FROM one") } == 1)
        await database.close()
    }

    @Test func `a step that fails leaves the file as it was`() async throws {
        await (try open([first])).close()
        let broken = Migration(2, "broken", "CREATE TABLE two (id INTEGER) STRICT; SELECT nonsense")
        #expect(throws: DatabaseError.self) { _ = try open([first, broken]) }
        let database = try open([first, second])
        #expect(try await database.read { connection in try connection.value("SELECT id FROM one") } == 1)
        await database.close()
    }

    @Test func `a file of a newer program is refused`() async throws {
        await (try open([first, second])).close()
        let error = #expect(throws: DatabaseError.self) { _ = try open([first]) }
        #expect(error?.code == .newerSchema)
    }

    @Test func `one file is served once at a time`() async throws {
        let database = try open([first])
        let error = #expect(throws: DatabaseError.self) { _ = try open([first]) }
        #expect(error?.code == .alreadyServed)
        await database.close()
    }

    @Test func `a file that is no database is refused as corrupt`() throws {
        try directory.write(String(repeating: "no database ", count: 1000), to: "test.db")
        let error = #expect(throws: DatabaseError.self) { _ = try open([first]) }
        #expect(error?.code == .corrupt)
    }
}
