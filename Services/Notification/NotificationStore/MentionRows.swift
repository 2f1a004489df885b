import Contracts
import Persistence
import ServiceKit
import System

/// Who was mentioned in a room and has not been told; and what people have put aside.
extension NotificationStore {
    static let mentionMigration = Migration(
        6,
        "mentions in rooms, an archive",
        """
        ALTER TABLE notifications ADD COLUMN archived_at INTEGER;
        ALTER TABLE profiles ADD COLUMN handle TEXT;
        CREATE INDEX profiles_by_handle ON profiles (handle);
        CREATE TABLE chat_mentions (
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            message_id BLOB NOT NULL CHECK (length(message_id) = 16),
            author_id BLOB NOT NULL CHECK (length(author_id) = 16),
            written_at INTEGER NOT NULL,
            PRIMARY KEY (room_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX chat_mentions_of_user ON chat_mentions (user_id);
        CREATE INDEX chat_mentions_by_author ON chat_mentions (author_id)
        """
    )

    static let editMigration = Migration(
        7,
        "mentions by a new text",
        """
        ALTER TABLE chat_rooms ADD COLUMN mentions_due_at INTEGER;
        CREATE INDEX chat_rooms_mentions_due ON chat_rooms (mentions_due_at) WHERE mentions_due_at IS NOT NULL
        """
    )

    /// A text that mentions people.
    struct Mentioning: Sendable {
        let roomID: Identifier
        let messageID: Identifier
        let authorID: Identifier
        let writtenAt: Timestamp
    }

    /// Somebody who was mentioned.
    struct Mentioned: Sendable, Equatable {
        let userID: Identifier
        let messageID: Identifier
        let authorID: Identifier
        let writtenAt: Timestamp
    }

    /// Notes the members of a room whom a message mentions; the last mention of somebody stands for those before.
    static func noteMentions(in sent: ChatMessageSent, _ transaction: borrowing Transaction) throws {
        guard sent.body.utf8.contains(UInt8(ascii: "@")) else { return }
        var handles: [String] = []
        Mention.collect(from: sent.body, into: &handles)
        let mentioning = Mentioning(
            roomID: sent.roomID,
            messageID: sent.messageID,
            authorID: sent.authorID,
            writtenAt: sent.timestamp
        )
        _ = try noteMentions(of: handles, mentioning, transaction)
    }

    /// Notes those of some handles who are members of the room; whether there are any.
    static func noteMentions(
        of handles: [String],
        _ mentioning: Mentioning,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        var count = 0
        for handle in handles.prefix(Mention.maximumInText) {
            count += try transaction.execute(
                """
                INSERT INTO chat_mentions (room_id, user_id, message_id, author_id, written_at)
                SELECT m.room_id, m.user_id, \(mentioning.messageID), \(mentioning.authorID), \(mentioning.writtenAt)
                FROM profiles p JOIN chat_members m ON m.room_id = \(mentioning.roomID) AND m.user_id = p.user_id
                WHERE p.handle = \(handle) AND p.user_id <> \(mentioning.authorID)
                ON CONFLICT DO UPDATE SET message_id = excluded.message_id, author_id = excluded.author_id,
                written_at = excluded.written_at
                """
            )
        }
        return count > 0
    }

    /// Those who are mentioned in a room are to be told, and nobody else.
    static func beginMentions(in room: Identifier, at due: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE chat_rooms SET mentions_due_at = coalesce(mentions_due_at, \(due))
            WHERE room_id = \(room) AND message_id IS NOT NULL
            """
        )
    }

    /// All who are mentioned in a room have been told.
    static func endMentions(in room: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("UPDATE chat_rooms SET mentions_due_at = NULL WHERE room_id = \(room)")
    }

    /// Some of those mentioned in a room.
    static func mentions(in room: Identifier, limit: Int, _ connection: Connection) throws -> [Mentioned] {
        try connection.rows(
            """
            SELECT user_id, message_id, author_id, written_at FROM chat_mentions
            WHERE room_id = \(room) ORDER BY user_id LIMIT \(limit)
            """
        ) { row in
            Mentioned(userID: try row[0], messageID: try row[1], authorID: try row[2], writtenAt: try row[3])
        }
    }

    static func endMention(of user: Identifier, in room: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM chat_mentions WHERE room_id = \(room) AND user_id = \(user)")
    }

    static func forgetMentions(of user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM chat_mentions WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM chat_mentions WHERE author_id = \(user)")
    }

    /// Whether somebody is in a room and has not looked into it since a time.
    static func isWaiting(
        _ user: Identifier,
        in room: Identifier,
        since time: Timestamp,
        _ connection: Connection
    ) throws -> Bool {
        try connection.exists(
            "SELECT 1 FROM chat_members WHERE room_id = \(room) AND user_id = \(user) AND seen_at < \(time)"
        )
    }
}
