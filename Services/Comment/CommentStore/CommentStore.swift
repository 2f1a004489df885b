import Persistence
import ServiceKit

/// Comment's SQL.
enum CommentStore {
    /// Truth: comments with their revisions, mentions and reports, threads, paces, comment_blocks, moderation, erased_users.
    /// Projections: profiles, blocks, banned_users.
    static let migrations = [
        Migration(
            1,
            "comments, targets, people and moderation",
            """
            CREATE TABLE targets (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
                is_ready INTEGER NOT NULL CHECK (is_ready IN (0, 1)),
                is_deleted INTEGER NOT NULL CHECK (is_deleted IN (0, 1)),
                is_purged INTEGER NOT NULL DEFAULT 0 CHECK (is_purged IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX targets_to_purge ON targets (id) WHERE is_deleted = 1 AND is_purged = 0;
            CREATE TABLE threads (
                target_id BLOB PRIMARY KEY CHECK (length(target_id) = 16),
                comments INTEGER NOT NULL DEFAULT 0,
                is_locked INTEGER NOT NULL DEFAULT 0 CHECK (is_locked IN (0, 1)),
                slow_seconds INTEGER NOT NULL DEFAULT 0
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE comments (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
                target_id BLOB NOT NULL CHECK (length(target_id) = 16),
                parent_id BLOB CHECK (length(parent_id) = 16),
                level_id BLOB NOT NULL CHECK (length(level_id) = 16),
                author_id BLOB CHECK (length(author_id) = 16),
                depth INTEGER NOT NULL,
                body TEXT,
                html TEXT,
                state TEXT NOT NULL CHECK (state IN ('visible', 'hidden', 'deleted')),
                version INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                edited_at INTEGER,
                likes INTEGER NOT NULL,
                reports INTEGER NOT NULL,
                reported_at INTEGER,
                replies INTEGER NOT NULL,
                is_pinned INTEGER NOT NULL CHECK (is_pinned IN (0, 1)),
                rank INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX comments_by_age ON comments (level_id, number);
            CREATE INDEX comments_by_rank ON comments (level_id, rank, number);
            CREATE INDEX comments_of_author ON comments (author_id, target_id, number);
            CREATE INDEX comments_reported ON comments (reported_at, number) WHERE reported_at IS NOT NULL;
            CREATE TABLE revisions (
                comment_id BLOB NOT NULL CHECK (length(comment_id) = 16),
                version INTEGER NOT NULL,
                body TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                PRIMARY KEY (comment_id, version)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE mentions (
                comment_id BLOB NOT NULL CHECK (length(comment_id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                PRIMARY KEY (comment_id, user_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX mentions_of_user ON mentions (user_id);
            CREATE TABLE reports (
                comment_id BLOB NOT NULL CHECK (length(comment_id) = 16),
                reporter_id BLOB NOT NULL CHECK (length(reporter_id) = 16),
                reason TEXT NOT NULL,
                note TEXT,
                created_at INTEGER NOT NULL,
                is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
                PRIMARY KEY (comment_id, reporter_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX reports_of_user ON reports (reporter_id);
            CREATE TABLE paces (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                comments_at INTEGER,
                reports_at INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE comment_blocks (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                until INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE moderation (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                actor_id BLOB NOT NULL CHECK (length(actor_id) = 16),
                action TEXT NOT NULL,
                subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
                reason TEXT,
                created_at INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE profiles (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                handle TEXT NOT NULL,
                name TEXT NOT NULL,
                sequence INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX profiles_by_handle ON profiles (handle);
            \(Blocks.table)
            \(AccountStanding.tables)
            """
        )
    ]
}
