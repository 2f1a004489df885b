import Persistence
import ServiceKit
import System

/// Up to where people have looked at their inbox.
extension NotificationStore {
    static let seenMigration = Migration(
        8,
        "up to where the inbox was looked at",
        """
        CREATE TABLE inbox_seen (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            number INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    )

    /// How many came since somebody looked, and are unread.
    static func unseenCount(of user: Identifier, _ connection: Connection) throws -> Int {
        let seen: Int64 = try connection.value("SELECT number FROM inbox_seen WHERE user_id = \(user)") ?? 0
        return try connection.value(
            "SELECT count(*) FROM notifications WHERE user_id = \(user) AND number > \(seen) AND read_at IS NULL"
        ) ?? 0
    }

    /// Somebody looks at the inbox as it is now.
    static func markAllSeen(by user: Identifier, _ transaction: borrowing Transaction) throws {
        guard try !transaction.connection.isErased(user) else { return }
        let last = try lastNumber(of: user, transaction.connection)
        try transaction.execute(
            """
            INSERT INTO inbox_seen (user_id, number) VALUES (\(user), \(last))
            ON CONFLICT DO UPDATE SET number = max(number, excluded.number)
            """
        )
    }

    static func forgetSeen(by user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM inbox_seen WHERE user_id = \(user)")
    }
}
