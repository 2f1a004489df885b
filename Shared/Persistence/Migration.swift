public import System

/// One step of a service's schema. Numbers begin at 1 and have no gaps; a landed step is never changed.
public struct Migration: Sendable {
    /// The step's place.
    public let number: Int
    /// What it does, for logs.
    public let name: String
    /// Statements without values; run in one transaction.
    public let script: String

    /// A step.
    public init(_ number: Int, _ name: String, _ script: String) {
        self.number = number
        self.name = name
        self.script = script
    }
}

/// Copies of a file as it was before a migration: `<path>.before-<number>`.
public enum MigrationCopies {
    /// How long a copy is kept, in seconds: what was erased since is still in it.
    public static let lifeSeconds: Int64 = 7 * 86_400

    /// Removes the copies of a file whose time is over. Blocks.
    public static func prune(of path: String, at now: Timestamp) throws {
        let folder = File.directory(of: path)
        for name in try File.names(in: folder) {
            let copy = "\(folder)/\(name)"
            guard copy.hasPrefix("\(path).before-"), let status = try File.status(copy),
                status.modifiedAt <= now.adding(seconds: -lifeSeconds)
            else { continue }
            try File.remove(copy)
        }
    }
}

/// Brings a file's schema up to date. `user_version` is the number of the last step; Persistence's own tables are made
/// beside them.
struct Migrator {
    let connection: Connection
    let path: String

    /// Applies what is missing, each step in a transaction, after a copy of the file as `<path>.before-<number>`.
    func apply(_ migrations: [Migration]) throws {
        guard migrations.enumerated().allSatisfy({ index, step in step.number == index + 1 }) else {
            throw DatabaseError(.other, "migrations must be numbered 1, 2, 3, …")
        }
        let version = try connection.value("PRAGMA user_version", as: Int.self) ?? 0
        guard version <= migrations.count else {
            throw DatabaseError(
                .newerSchema,
                "\(path) has schema \(version), this program knows \(migrations.count): start the newer program"
            )
        }
        try inTransaction(
            Outbox.schema + Inbox.schema + ConsumerOffsets.schema + OutboxPosition.schema + Idempotency.schema
        )
        for migration in migrations.dropFirst(version) {
            if version > 0 { try copy(before: migration.number) }
            try inTransaction(migration.script + "; PRAGMA user_version = \(migration.number)")
        }
    }

    /// A copy left over from a failed attempt is replaced: the file has not changed since.
    private func copy(before number: Int) throws {
        let copy = "\(path).before-\(number)"
        try File.remove(copy)
        try connection.execute("VACUUM INTO \(copy)")
    }

    private func inTransaction(_ script: String) throws {
        try connection.run(script: "BEGIN IMMEDIATE")
        do {
            try connection.run(script: script)
            try connection.run(script: "COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.run(script: "ROLLBACK") }
            throw error
        }
    }
}
