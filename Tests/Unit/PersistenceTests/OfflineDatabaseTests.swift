import Persistence
import System
import TestSupport
import Testing

struct OfflineDatabaseTests {
    private static let tables = Migration(
        1,
        "people and their notes",
        """
        CREATE TABLE people (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT NOT NULL REFERENCES people, text TEXT NOT NULL) STRICT
        """
    )

    /// Serves the file for as long as some statements take.
    private func run(_ path: String, _ statements: [SQL]) async throws {
        let database = try Database.open(Database.Configuration(path: path), migrations: [Self.tables])
        try await database.write { transaction in
            for statement in statements { try transaction.execute(statement) }
        }
        if !statements.isEmpty { #expect(throws: DatabaseError.self) { try OfflineDatabase(path) } }
        await database.close()
    }

    private func people(_ path: String) async throws -> [String] {
        let database = try Database.open(Database.Configuration(path: path), migrations: [Self.tables])
        let names = try await database.read { connection in
            try connection.rows("SELECT name FROM people ORDER BY name") { try $0[0] as String }
        }
        await database.close()
        return names
    }

    @Test func `tables are taken over from a copy, while nobody serves the file`() async throws {
        let directory = try TemporaryDirectory()
        let (path, copy) = (directory.appending("live.db"), directory.appending("copy.db"))
        try await run(
            path,
            [
                "INSERT INTO people VALUES ('an'), ('binh')", "INSERT INTO notes (name, text) VALUES ('an', 'truth')",
            ]
        )
        let changes = try await Task {
            let live = try OfflineDatabase(path)
            try live.copy(to: copy)
            try await run(copy, ["DELETE FROM people WHERE name = 'binh'", "INSERT INTO people VALUES ('chi')"])
            #expect(throws: DatabaseError.self) { try live.replace(["people; --"], from: copy) }
            return [try live.replace(["people"], from: copy), try live.replace(["people"], from: copy)]
        }.value
        #expect(changes == [["people": 2], ["people": 0]])
        #expect(try await people(path) == ["an", "chi"])
    }

    @Test func `rows that others refer to are not lost`() async throws {
        let directory = try TemporaryDirectory()
        let (path, copy) = (directory.appending("live.db"), directory.appending("copy.db"))
        try await run(path, ["INSERT INTO people VALUES ('an')", "INSERT INTO notes (name, text) VALUES ('an', 't')"])
        try await run(copy, [])
        let error = try await Task {
            let live = try OfflineDatabase(path)
            return #expect(throws: DatabaseError.self) { try live.replace(["people"], from: copy) }
        }.value
        #expect(error?.code == .foreignKeyViolation)
        #expect(try await people(path) == ["an"])
        try OfflineDatabase.remove(copy)
        #expect(!File.exists(copy) && !File.exists(copy + ".lock"))
    }
}
