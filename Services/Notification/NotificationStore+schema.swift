import Persistence

extension NotificationStore {
    /// Truth: preferences, erased users, notifications (what was told, when, in which words, and read) and mails.
    /// Projections: profiles, devices.
    static let migrations = [
        Migration(
            1,
            "inbox, profiles, preferences and mail queue",
            """
            CREATE TABLE profiles (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                email TEXT NOT NULL,
                name TEXT NOT NULL,
                locale TEXT NOT NULL,
                sequence INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE erased_users (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE preferences (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                email INTEGER NOT NULL CHECK (email IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE notifications (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                type TEXT NOT NULL,
                message TEXT NOT NULL,
                data TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                read_at INTEGER
            ) STRICT;
            CREATE INDEX notifications_of_user ON notifications (user_id, number);
            CREATE INDEX notifications_unread ON notifications (user_id, number) WHERE read_at IS NULL;
            CREATE TABLE mails (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                template TEXT NOT NULL,
                data TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
                attempts INTEGER NOT NULL,
                due_at INTEGER NOT NULL,
                last_error TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX mails_due ON mails (due_at) WHERE state = 'queued';
            CREATE INDEX mails_of_user ON mails (user_id)
            """
        ),
        Migration(
            2,
            "devices that people log in from",
            """
            CREATE TABLE devices (
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                name TEXT NOT NULL,
                network TEXT NOT NULL,
                seen_at INTEGER NOT NULL,
                PRIMARY KEY (user_id, name, network)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX devices_by_age ON devices (user_id, seen_at)
            """
        ),
    ]
}
