import Persistence
import System

/// Removes what every service has and whose time is over: rows, and copies of the file from before migrations.
enum Housekeeping {
    private static let batch = 500

    static func prune(_ database: Database, at now: Timestamp) async throws {
        let inboxLimit = now.adding(seconds: -Inbox.retentionSeconds)
        try await database.write(priority: .background) { [path = database.path] transaction in
            try MigrationCopies.prune(of: path, at: now)
            try transaction.pruneInbox(before: inboxLimit, limit: batch)
            try transaction.pruneIdempotencyKeys(at: now, limit: batch)
        }
    }
}
