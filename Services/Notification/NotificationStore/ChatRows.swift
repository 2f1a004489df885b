import Contracts
import Persistence
import ServiceKit
import System

/// Rooms, who is in them and what they have seen, and where something was written that has not been told.
extension NotificationStore {
    static let chatMigration = Migration(
        5,
        "rooms, their members and what is written there",
        """
        CREATE TABLE chat_rooms (
            room_id BLOB PRIMARY KEY CHECK (length(room_id) = 16),
            title TEXT,
            is_direct INTEGER NOT NULL CHECK (is_direct IN (0, 1)),
            message_id BLOB CHECK (length(message_id) = 16),
            author_id BLOB CHECK (length(author_id) = 16),
            written_at INTEGER,
            due_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX chat_rooms_due ON chat_rooms (due_at) WHERE due_at IS NOT NULL;
        CREATE TABLE chat_members (
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
            joined_at INTEGER NOT NULL,
            is_muted INTEGER NOT NULL DEFAULT 0 CHECK (is_muted IN (0, 1)),
            seen_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (room_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX chat_members_of_user ON chat_members (user_id);
        CREATE INDEX chat_members_by_role ON chat_members (room_id, role, joined_at, user_id)
        """
    )

    // MARK: Rooms

    /// A room; false when it is known.
    static func insert(_ created: ChatRoomCreated, _ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO chat_rooms (room_id, title, is_direct)
            VALUES (\(created.roomID), \(created.title), \(created.roomType == .direct))
            """
        ) == 1
    }

    static func setTitle(_ title: String?, of room: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("UPDATE chat_rooms SET title = \(title) WHERE room_id = \(room)")
    }

    /// Something was written; it is told at the given time, or with what was written before.
    static func note(
        _ sent: ChatMessageSent,
        tellAt due: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE chat_rooms SET message_id = \(sent.messageID), author_id = \(sent.authorID),
            written_at = \(sent.timestamp), due_at = coalesce(due_at, \(due)) WHERE room_id = \(sent.roomID)
            """
        )
    }

    static func dueRooms(at now: Timestamp, limit: Int, _ connection: Connection) throws -> [ChatNews.Room] {
        try connection.rows(
            """
            SELECT room_id, title, is_direct, message_id, author_id, written_at FROM chat_rooms
            WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """,
            room
        )
    }

    /// Rooms in which a new text mentions people.
    static func roomsWithMentions(
        at now: Timestamp,
        limit: Int,
        _ connection: Connection
    ) throws -> [ChatNews.Room] {
        try connection.rows(
            """
            SELECT room_id, title, is_direct, message_id, author_id, written_at FROM chat_rooms
            WHERE mentions_due_at <= \(now) ORDER BY mentions_due_at LIMIT \(limit)
            """,
            room
        )
    }

    private static func room(_ row: borrowing Row) throws -> ChatNews.Room {
        ChatNews.Room(
            id: try row[0],
            title: try row[1],
            isDirect: try row[2],
            messageID: try row[3],
            authorID: try row[4],
            writtenAt: try row[5]
        )
    }

    static func nextRoom(_ connection: Connection) throws -> Timestamp? {
        let next: [Timestamp?] = [
            try connection.value("SELECT due_at FROM chat_rooms WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"),
            try connection.value(
                """
                SELECT mentions_due_at FROM chat_rooms WHERE mentions_due_at IS NOT NULL
                ORDER BY mentions_due_at LIMIT 1
                """
            ),
        ]
        return next.compactMap(\.self).min()
    }

    /// All have been told of a message; what was written since is still to be told.
    static func endTelling(_ room: ChatNews.Room, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            "UPDATE chat_rooms SET due_at = NULL WHERE room_id = \(room.id) AND message_id = \(room.messageID)"
        )
    }

    // MARK: Members

    static func role(of user: Identifier, in room: Identifier, _ connection: Connection) throws -> ChatRole? {
        let role: String? = try connection.value(
            "SELECT role FROM chat_members WHERE room_id = \(room) AND user_id = \(user)"
        )
        return role.flatMap(ChatRole.init)
    }

    /// Somebody comes, or has another role, or goes (nil).
    static func setRole(
        _ role: ChatRole?,
        of user: Identifier,
        in room: Identifier,
        at time: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard let role else {
            try transaction.execute("DELETE FROM chat_members WHERE room_id = \(room) AND user_id = \(user)")
            return
        }
        guard try !transaction.connection.isErased(user) else { return }
        try transaction.execute(
            """
            INSERT INTO chat_members (room_id, user_id, role, joined_at)
            VALUES (\(room), \(user), \(role.rawValue), \(time)) ON CONFLICT DO UPDATE SET role = excluded.role
            """
        )
    }

    /// The group of an owner who has gone is owned by its oldest admin, else its oldest member.
    static func promoteHeir(of room: Identifier, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        for role in [ChatRole.admin, .member] {
            let heir: Identifier? = try transaction.value(
                """
                SELECT user_id FROM chat_members WHERE room_id = \(room) AND role = \(role.rawValue)
                ORDER BY joined_at, user_id LIMIT 1
                """
            )
            if let heir { return try setRole(.owner, of: heir, in: room, at: now, transaction) }
        }
    }

    static func setMuted(
        _ isMuted: Bool,
        _ user: Identifier,
        in room: Identifier,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            "UPDATE chat_members SET is_muted = \(isMuted) WHERE room_id = \(room) AND user_id = \(user)"
        )
    }

    /// Somebody has looked into a room.
    static func markSeen(
        _ room: Identifier,
        by user: Identifier,
        at time: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE chat_members SET seen_at = max(seen_at, \(time)) WHERE room_id = \(room) AND user_id = \(user)
            """
        )
    }

    /// Members who want to hear of a room and have not looked into it since a message, by their ids.
    static func listeners(
        of room: Identifier,
        before message: Timestamp,
        after user: Identifier?,
        limit: Int,
        _ connection: Connection
    ) throws -> [Identifier] {
        try connection.rows(
            """
            SELECT user_id FROM chat_members WHERE room_id = \(room) AND user_id > \(user?.bytes ?? [])
            AND is_muted = 0 AND seen_at < \(message) ORDER BY user_id LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    // MARK: What was told

    /// Whether somebody has something unread about a thing.
    static func hasUnread(about subject: Identifier, _ user: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists(
            """
            SELECT 1 FROM notifications WHERE subject_id = \(subject) AND user_id = \(user) AND read_at IS NULL
            """
        )
    }

    /// What somebody was told about a thing is read.
    static func markRead(
        about subject: Identifier,
        of user: Identifier,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE notifications SET read_at = \(now)
            WHERE subject_id = \(subject) AND user_id = \(user) AND read_at IS NULL
            """
        )
    }
}
