import Persistence

extension NotificationStore {
    /// Projections: profiles, devices, relations, films. All else is truth: what was told, how, and what people want.
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
        Migration(
            4,
            "deliveries on several channels, digests, where people are reached, what they prefer",
            """
            ALTER TABLE notifications ADD COLUMN plan TEXT;
            CREATE TABLE settings (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                preferences TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            INSERT INTO settings SELECT user_id, CASE email WHEN 0 THEN '{"email":false}' ELSE '{}' END
            FROM preferences;
            DROP TABLE preferences;
            CREATE TABLE deliveries (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                channel TEXT NOT NULL CHECK (channel IN ('email', 'push', 'sms', 'webhook')),
                endpoint_id BLOB CHECK (length(endpoint_id) = 16),
                template TEXT NOT NULL,
                data TEXT NOT NULL,
                actor_id BLOB CHECK (length(actor_id) = 16),
                has_entry INTEGER NOT NULL CHECK (has_entry IN (0, 1)),
                state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'cancelled')),
                reason TEXT,
                attempts INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                due_at INTEGER NOT NULL,
                ended_at INTEGER
            ) STRICT, WITHOUT ROWID;
            INSERT INTO deliveries SELECT id, id, user_id, 'email', NULL, template, data, NULL, 0, state, last_error,
            attempts, due_at, due_at, CASE state WHEN 'queued' THEN NULL ELSE due_at END FROM mails;
            DROP TABLE mails;
            CREATE INDEX deliveries_due ON deliveries (channel, due_at) WHERE state = 'queued';
            CREATE INDEX deliveries_of_notification ON deliveries (notification_id);
            CREATE INDEX deliveries_of_user ON deliveries (user_id, channel, created_at);
            CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
            CREATE TABLE attempts (
                delivery_id BLOB NOT NULL CHECK (length(delivery_id) = 16),
                number INTEGER NOT NULL,
                at INTEGER NOT NULL,
                answer TEXT NOT NULL,
                PRIMARY KEY (delivery_id, number)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE digests (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                due_at INTEGER NOT NULL,
                is_open INTEGER NOT NULL CHECK (is_open IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE UNIQUE INDEX digests_open ON digests (user_id) WHERE is_open = 1;
            CREATE INDEX digests_of_user ON digests (user_id);
            CREATE INDEX digests_due ON digests (is_open, due_at);
            CREATE TABLE digest_items (
                digest_id BLOB NOT NULL CHECK (length(digest_id) = 16),
                notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
                PRIMARY KEY (digest_id, notification_id)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE push_subscriptions (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                endpoint TEXT NOT NULL UNIQUE,
                public_key BLOB NOT NULL CHECK (length(public_key) = 65),
                secret BLOB NOT NULL CHECK (length(secret) = 16),
                created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX push_subscriptions_of_user ON push_subscriptions (user_id, created_at);
            CREATE TABLE webhooks (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                url TEXT NOT NULL,
                types TEXT NOT NULL,
                secret BLOB NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX webhooks_of_user ON webhooks (user_id, created_at);
            CREATE TABLE phones (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                number TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE suppressions (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                address TEXT NOT NULL,
                reason TEXT NOT NULL,
                since INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """
        ),
        chatMigration,
        mentionMigration,
        editMigration,
        seenMigration,
    ]
}
