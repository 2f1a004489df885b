import Persistence

extension NotificationStore {
    /// Truth: preferences, erased users, notifications (what was told, when, in which words, and read), mails, and who is
    /// told of likes together. Projections: profiles, devices, relations, films.
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
        Migration(
            3,
            "who did it and what it is about, relations, likes told of together",
            """
            ALTER TABLE notifications ADD COLUMN actor_id BLOB CHECK (length(actor_id) = 16);
            ALTER TABLE notifications ADD COLUMN subject_id BLOB CHECK (length(subject_id) = 16);
            CREATE INDEX notifications_about ON notifications (subject_id, user_id) WHERE subject_id IS NOT NULL;
            CREATE TABLE relations (
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                other_id BLOB NOT NULL CHECK (length(other_id) = 16),
                kind TEXT NOT NULL CHECK (kind IN ('blocked', 'muted')),
                PRIMARY KEY (user_id, other_id, kind)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX relations_of_other ON relations (other_id, kind);
            CREATE TABLE films (
                media_id BLOB PRIMARY KEY CHECK (length(media_id) = 16)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE like_groups (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
                target_type TEXT NOT NULL,
                target_id BLOB NOT NULL CHECK (length(target_id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                opened_at INTEGER NOT NULL,
                is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
                likers INTEGER NOT NULL CHECK (likers >= 0),
                told INTEGER NOT NULL,
                told_at INTEGER,
                has_reopened INTEGER NOT NULL CHECK (has_reopened IN (0, 1)),
                due_at INTEGER
            ) STRICT;
            CREATE UNIQUE INDEX like_groups_open ON like_groups (target_id) WHERE is_open = 1;
            CREATE INDEX like_groups_due ON like_groups (due_at) WHERE due_at IS NOT NULL;
            CREATE INDEX like_groups_of_owner ON like_groups (owner_id);
            CREATE INDEX like_groups_by_age ON like_groups (opened_at);
            CREATE TABLE likers (
                target_id BLOB NOT NULL CHECK (length(target_id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                group_number INTEGER NOT NULL,
                liked_at INTEGER NOT NULL,
                PRIMARY KEY (target_id, user_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX likers_of_group ON likers (group_number, liked_at)
            """
        ),
    ]
}
