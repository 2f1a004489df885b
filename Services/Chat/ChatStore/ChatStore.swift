import Persistence
import ServiceKit

/// Chat's SQL. Every table is a projection of the log, but for the outbox: a process without a file makes it anew.
enum ChatStore {
    static let migrations = [
        Migration(1, "rooms, messages and people", rooms + messages + people),
        Migration(2, "when people were there last", presence),
        Migration(
            3,
            "what is read in private",
            "ALTER TABLE members ADD COLUMN private_read_seq INTEGER NOT NULL DEFAULT 0"
        ),
        Migration(4, "who is named where, and what has reached devices", mentions),
        Migration(5, "rooms anew from the log", roomsAnew),
    ]

    /// `change` counts all that happened in a room, `seq` its messages.
    private static let rooms = """
        CREATE TABLE rooms (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            type TEXT NOT NULL CHECK (type IN ('direct', 'group')),
            title TEXT,
            request_digest TEXT,
            created_at INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            change INTEGER NOT NULL,
            members INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE members (
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            role TEXT CHECK (role IN ('owner', 'admin', 'member')),
            joined_change INTEGER NOT NULL,
            read_seq INTEGER NOT NULL,
            is_muted INTEGER NOT NULL DEFAULT 0 CHECK (is_muted IN (0, 1)),
            PRIMARY KEY (room_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_by_user ON members (user_id, room_id);
        CREATE INDEX members_by_role ON members (room_id, role, joined_change);
        CREATE TABLE changes (
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            change INTEGER NOT NULL,
            kind TEXT NOT NULL,
            seq INTEGER,
            actor_id BLOB CHECK (length(actor_id) = 16),
            user_id BLOB CHECK (length(user_id) = 16),
            detail TEXT,
            at INTEGER NOT NULL,
            PRIMARY KEY (room_id, change)
        ) STRICT, WITHOUT ROWID;

        """

    /// What came before step 4 has no rows of mentions, and texts that were replaced since are in the log alone: only who
    /// reads that again has what is unread. People, bans and erasures stay, and with them the cluster that is read.
    private static let roomsAnew = """
        DELETE FROM rooms; DELETE FROM members; DELETE FROM changes; DELETE FROM messages; DELETE FROM mentions;
        INSERT INTO message_texts (message_texts) VALUES ('delete-all');
        DELETE FROM consumer_offsets WHERE topic = 'chat-messages';
        DELETE FROM applied_positions WHERE topic = 'chat-messages'
        """

    private static let messages = """
        CREATE TABLE messages (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL CHECK (length(id) = 16),
            room_id BLOB NOT NULL CHECK (length(room_id) = 16),
            seq INTEGER NOT NULL,
            change INTEGER NOT NULL,
            author_id BLOB CHECK (length(author_id) = 16),
            client_message_id TEXT,
            body TEXT,
            created_at INTEGER NOT NULL,
            edited_at INTEGER,
            deleted_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX messages_by_seq ON messages (room_id, seq);
        CREATE UNIQUE INDEX messages_by_client_id ON messages (room_id, author_id, client_message_id)
            WHERE client_message_id IS NOT NULL;
        CREATE VIRTUAL TABLE message_texts USING fts5 (
            body, content = 'messages', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
        );

        """

    private static let people = """
        CREATE TABLE people (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            handle TEXT,
            name TEXT,
            sequence INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX people_by_handle ON people (handle);
        \(Blocks.table)
        \(AccountStanding.tables)
        """
}
