internal import System

/// A file that nobody serves for as long as this object lives: what is done to it between two runs of its service. Blocks;
/// for one thread.
public final class OfflineDatabase {
    private let path: String
    private let lock: FileLock

    /// Takes the file. Throws `alreadyServed` when a process serves it.
    public init(_ path: String) throws {
        self.path = path
        do {
            lock = try FileLock(path + ".lock")
        } catch let error as SystemError where error.isLockHeld {
            throw DatabaseError(.alreadyServed, "another process serves \(path)")
        }
    }

    /// Writes a consistent copy to a file, in place of one that is there.
    public func copy(to copy: String) throws {
        try OfflineDatabase.remove(copy)
        try Connection(path: path, mode: .writer).execute("VACUUM INTO \(copy)")
    }

    /// Removes a file and what SQLite and the lock keep beside it.
    public static func remove(_ path: String) throws {
        for suffix in ["", "-wal", "-shm", ".lock"] { try File.remove(path + suffix) }
    }

    /// Puts the rows of another file of the same schema in place of those of some tables, of all or none, and says how
    /// many rows each table lost and gained by it. Throws `foreignKeyViolation` when other tables' rows would lose theirs.
    public func replace(_ tables: [String], from source: String) throws -> [String: Int] {
        let connection = try Connection(path: path, mode: .writer)
        // Checked as a whole at the end: the rows that others refer to are away in between.
        try connection.run(script: "PRAGMA foreign_keys = OFF")
        try connection.execute("ATTACH DATABASE \(source) AS rebuilt")
        try connection.run(script: "BEGIN IMMEDIATE")
        var changes: [String: Int] = [:]
        for table in tables { changes[table] = try replace(table, connection) }
        guard try !connection.exists("PRAGMA foreign_key_check") else {
            throw DatabaseError(.foreignKeyViolation, "rows of other tables refer to rows that are not in \(source)")
        }
        try connection.run(script: "COMMIT")
        return changes
    }

    private func replace(_ table: String, _ connection: Connection) throws -> Int {
        guard !table.isEmpty, table.utf8.allSatisfy({ (97...122).contains($0) || $0 == 95 }) else {
            throw DatabaseError(.other, "\(table) is no name of a table")
        }
        let count = """
            SELECT (SELECT count(*) FROM (SELECT * FROM main.\(table) EXCEPT SELECT * FROM rebuilt.\(table)))
            + (SELECT count(*) FROM (SELECT * FROM rebuilt.\(table) EXCEPT SELECT * FROM main.\(table)))
            """
        let changed: Int = try connection.value(SQL(stringLiteral: count)) ?? 0
        let script = "DELETE FROM main.\(table); INSERT INTO main.\(table) SELECT * FROM rebuilt.\(table)"
        try connection.run(script: script)
        return changed
    }
}
