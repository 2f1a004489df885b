import Persistence
import TestSupport

/// A database of one table in a folder of its own.
struct TestDatabase {
    static let notes = Migration(
        1,
        "notes",
        "CREATE TABLE notes (id BLOB PRIMARY KEY, text TEXT NOT NULL UNIQUE, size INTEGER CHECK (size >= 0)) STRICT"
    )

    let directory: TemporaryDirectory
    let database: Database

    init(
        migrations: [Migration] = [notes],
        _ change: (inout Database.Configuration) -> Void = { _ in }
    ) throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("test.db"))
        change(&configuration)
        database = try Database.open(configuration, migrations: migrations)
    }
}
