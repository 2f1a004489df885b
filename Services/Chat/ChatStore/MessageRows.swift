import Persistence
import System

extension Connection {
    private static let columns: SQL = """
        id, room_id, seq, change, author_id, client_message_id, body, created_at, edited_at, deleted_at
        """

    func message(_ seq: Int64, in room: Identifier) throws -> Message? {
        try first(
            "SELECT \(Self.columns) FROM messages WHERE room_id = \(room) AND seq = \(seq)",
            Self.message
        )
    }

    /// The message that an author sent under a name.
    func message(_ clientID: String, by author: Identifier, in room: Identifier) throws -> Message? {
        try first(
            """
            SELECT \(Self.columns) FROM messages
            WHERE room_id = \(room) AND author_id = \(author) AND client_message_id = \(clientID)
            """,
            Self.message
        )
    }

    /// The number of the last message that was sent up to a change; 0 when there was none.
    func lastSeq(of room: Identifier, upTo change: Int64) throws -> Int64 {
        try value(
            "SELECT seq FROM messages WHERE room_id = \(room) AND change <= \(change) ORDER BY seq DESC LIMIT 1"
        ) ?? 0
    }

    /// The messages before one, the newest first.
    func messages(of room: Identifier, before seq: Int64, limit: Int) throws -> [Message] {
        try rows(
            """
            SELECT \(Self.columns) FROM messages WHERE room_id = \(room) AND seq < \(seq) ORDER BY seq DESC LIMIT \(limit)
            """,
            Self.message
        )
    }

    /// The messages after one, the oldest first.
    func messages(of room: Identifier, after seq: Int64, limit: Int) throws -> [Message] {
        try rows(
            """
            SELECT \(Self.columns) FROM messages WHERE room_id = \(room) AND seq > \(seq) ORDER BY seq LIMIT \(limit)
            """,
            Self.message
        )
    }

    /// The messages of somebody's rooms that match, the newest first, before a number of this process.
    func messages(
        matching query: String,
        for user: Identifier,
        in room: Identifier?,
        before number: Int64,
        limit: Int
    ) throws -> [(number: Int64, message: Message)] {
        try rows(
            """
            SELECT m.id, m.room_id, m.seq, m.change, m.author_id, m.client_message_id, m.body, m.created_at,
                m.edited_at, m.deleted_at, m.number
            FROM message_texts t JOIN messages m ON m.number = t.rowid
            JOIN members a ON a.room_id = m.room_id AND a.user_id = \(user) AND a.role IS NOT NULL
            WHERE message_texts MATCH \(query) AND t.rowid < \(number)
                AND (\(room) IS NULL OR m.room_id = \(room))
            ORDER BY t.rowid DESC LIMIT \(limit)
            """
        ) { (number: try $0[10], message: try Self.message($0)) }
    }

    private static func message(_ row: borrowing Row) throws -> Message {
        Message(
            id: try row[0],
            roomID: try row[1],
            seq: try row[2],
            change: try row[3],
            authorID: try row[4],
            clientMessageID: try row[5],
            body: try row[6],
            createdAt: try row[7],
            editedAt: try row[8],
            deletedAt: try row[9]
        )
    }
}

extension Transaction {
    borrowing func insert(_ message: Message) throws {
        try execute(
            """
            INSERT INTO messages (id, room_id, seq, change, author_id, client_message_id, body, created_at)
            VALUES (\(message.id), \(message.roomID), \(message.seq), \(message.change), \(message.authorID),
                \(message.clientMessageID), \(message.body), \(message.createdAt))
            """
        )
        try execute("INSERT INTO message_texts (rowid, body) VALUES (last_insert_rowid(), \(message.body))")
    }

    /// Replaces a text, or takes it away.
    borrowing func update(_ message: Message, from old: Message) throws {
        let number: Int64? = try value(
            "SELECT number FROM messages WHERE room_id = \(message.roomID) AND seq = \(message.seq)"
        )
        guard let number else { return }
        if let body = old.body {
            try execute(
                "INSERT INTO message_texts (message_texts, rowid, body) VALUES ('delete', \(number), \(body))"
            )
        }
        try execute(
            """
            UPDATE messages SET author_id = \(message.authorID), client_message_id = \(message.clientMessageID),
                body = \(message.body), edited_at = \(message.editedAt), deleted_at = \(message.deletedAt)
            WHERE number = \(number)
            """
        )
        if let body = message.body {
            try execute("INSERT INTO message_texts (rowid, body) VALUES (\(number), \(body))")
        }
    }

    /// Rewrites a part of the index of texts: words of removed messages stay in it until their segments are merged (FTS5,
    /// section 6.8). The first part begins a rewriting of all. False when nothing is left to do.
    borrowing func mergeTexts(isFirst: Bool) throws -> Bool {
        let pages = 64
        let before = try connection.value("SELECT total_changes()", as: Int.self) ?? 0
        try execute(
            "INSERT INTO message_texts (message_texts, rank) VALUES ('merge', \(isFirst ? -pages : pages))"
        )
        let after = try connection.value("SELECT total_changes()", as: Int.self) ?? 0
        // One change is the statement's own.
        return after - before > 1
    }

    /// Takes away all that an account wrote in a room, its name under what it did there, and that it was there.
    borrowing func forget(_ user: Identifier, in room: Identifier, at time: Timestamp) throws {
        try removeMentions(by: user, in: room)
        try execute(
            """
            INSERT INTO message_texts (message_texts, rowid, body) SELECT 'delete', number, body FROM messages
            WHERE room_id = \(room) AND author_id = \(user) AND client_message_id IS NOT NULL AND body IS NOT NULL
            """
        )
        try execute(
            """
            UPDATE messages SET author_id = NULL, client_message_id = NULL, body = NULL,
                deleted_at = coalesce(deleted_at, \(time))
            WHERE room_id = \(room) AND author_id = \(user) AND client_message_id IS NOT NULL
            """
        )
        try execute(
            """
            UPDATE changes SET actor_id = nullif(actor_id, \(user)), user_id = nullif(user_id, \(user))
            WHERE room_id = \(room) AND \(user) IN (actor_id, user_id)
            """
        )
        try execute("DELETE FROM members WHERE room_id = \(room) AND user_id = \(user)")
    }
}
