import Persistence
import ServiceKit
import System

extension ChatStore {
    /// When people were there last, as this process has heard it: what it did not hear is not there, and nothing hangs on it.
    static let presence = """
        CREATE TABLE last_seen (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
}

extension Connection {
    /// Whether somebody is shown when another is there: they share a room and neither blocks the other.
    func sees(_ viewer: Identifier, _ user: Identifier) throws -> Bool {
        if viewer == user { return true }
        let sharesRoom = try exists(
            """
            SELECT 1 FROM members own CROSS JOIN members other ON other.room_id = own.room_id
            WHERE own.user_id = \(viewer) AND own.role IS NOT NULL AND other.user_id = \(user)
                AND other.role IS NOT NULL LIMIT 1
            """
        )
        return try sharesRoom && !isBlock(between: viewer, and: user)
    }

    /// Those who block somebody or are blocked.
    func strangers(to user: Identifier) throws -> Set<Identifier> {
        Set(
            try rows(
                """
                SELECT target_id FROM blocks WHERE user_id = \(user)
                UNION ALL SELECT user_id FROM blocks WHERE target_id = \(user)
                """
            ) { try $0[0] as Identifier }
        )
    }

    /// When somebody was there last; nil when that is not known.
    func seenAt(_ user: Identifier) throws -> Timestamp? {
        try value("SELECT at FROM last_seen WHERE user_id = \(user)")
    }
}

extension Transaction {
    /// Notes when somebody was there last; nothing of who is gone.
    borrowing func setSeen(_ user: Identifier, at time: Timestamp) throws {
        guard try !connection.isErased(user) else { return }
        try execute(
            """
            INSERT INTO last_seen (user_id, at) VALUES (\(user), \(time))
            ON CONFLICT DO UPDATE SET at = max(at, excluded.at)
            """
        )
    }
}
