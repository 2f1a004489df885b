import Persistence
import System

/// Removes rows whose time is over from the tables that every service has.
enum Housekeeping {
    private static let batch = 500

    static func prune(_ database: Database, at now: Timestamp) async throws {
        let inboxLimit = now.adding(seconds: -Inbox.retentionSeconds)
        try await database.write(priority: .background) { transaction in
            try transaction.pruneInbox(before: inboxLimit, limit: batch)
            try transaction.pruneIdempotencyKeys(at: now, limit: batch)
        }
    }
}
