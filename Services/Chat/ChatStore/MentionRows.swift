import Contracts
import Persistence
import System

/// Who is named in which message. By handles, not by ids: whose a handle is comes on another topic, and all that is kept of a
/// room must follow from its own records.
extension ChatStore {
    static let mentions = """
        CREATE TABLE mentions (
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            handle TEXT NOT NULL,
            change INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            author_id BLOB NOT NULL CHECK (length(author_id) = 16),
            PRIMARY KEY (room_id, handle, change)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mentions_by_seq ON mentions (room_id, seq, handle);
        ALTER TABLE members ADD COLUMN read_change INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE members ADD COLUMN delivered_seq INTEGER NOT NULL DEFAULT 0
        """
}

extension Message {
    /// The handles that its text mentions.
    var mentions: [String] {
        guard let body, body.utf8.contains(UInt8(ascii: "@")) else { return [] }
        var handles: [String] = []
        Mention.collect(from: body, into: &handles)
        return handles
    }
}

extension Connection {
    /// Mentions that are counted at most.
    private static let maximumCounted = 1000

    /// In how many messages others name somebody, by the present handle, since a change of a room.
    func mentions(of user: Identifier, in room: Identifier, after change: Int64) throws -> Int {
        try rows(
            """
            SELECT 1 FROM people p CROSS JOIN mentions m ON m.room_id = \(room) AND m.handle = p.handle
            WHERE p.user_id = \(user) AND m.change > \(change) AND m.author_id <> \(user)
            LIMIT \(Self.maximumCounted)
            """
        ) { _ in () }.count
    }

    /// A new text for a message as its author asks for it, with whom it mentions beyond the present one.
    func edited(
        _ seq: Int64,
        in room: Identifier,
        to body: String,
        by actor: Identifier,
        at time: Timestamp
    ) throws -> ChatMessageEdited {
        var edited = ChatMessageEdited(roomID: room, seq: seq, actorID: actor, body: body, timestamp: time)
        guard let old = try message(seq, in: room), old.authorID == actor, old.deletedAt == nil else { return edited }
        var new = old
        new.body = body
        let known = old.mentions
        let added = new.mentions.filter { !known.contains($0) }
        if !added.isEmpty { (edited.messageID, edited.mentions) = (old.id, added) }
        return edited
    }
}

extension Transaction {
    /// Keeps whom a message mentions: from the change on that named them first, as long as its text does.
    borrowing func noteMentions(of message: Message, insteadOf old: Message? = nil, at change: Int64) throws {
        let (handles, known) = (message.mentions, old?.mentions ?? [])
        for handle in known where !handles.contains(handle) {
            try execute(
                """
                DELETE FROM mentions WHERE room_id = \(message.roomID) AND seq = \(message.seq) AND handle = \(handle)
                """
            )
        }
        guard let author = message.authorID else { return }
        for handle in handles where !known.contains(handle) {
            try execute(
                """
                INSERT INTO mentions (room_id, handle, change, seq, author_id)
                VALUES (\(message.roomID), \(handle), \(change), \(message.seq), \(author))
                """
            )
        }
    }

    /// Takes away whom an account named in a room.
    borrowing func removeMentions(by author: Identifier, in room: Identifier) throws {
        try execute(
            """
            DELETE FROM mentions WHERE room_id = \(room) AND seq IN (
                SELECT seq FROM messages
                WHERE room_id = \(room) AND author_id = \(author) AND client_message_id IS NOT NULL
            )
            """
        )
    }
}
