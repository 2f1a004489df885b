import Persistence
import ServiceKit

/// Like's schema.
///
/// Truth: `likes` and `counters`, which one transaction changes together with its event; `deleted_targets` and
/// `erased_users`, what is still to be removed. Projections, which follow from others' events alone: `targets`, `blocks` and
/// `banned_users`.
enum LikeStore {
    static let migrations = [
        Migration(
            1,
            "likes, counters, and what is known of targets and accounts",
            """
            CREATE TABLE likes (
                target_id BLOB NOT NULL CHECK (length(target_id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                liked_at INTEGER NOT NULL,
                PRIMARY KEY (target_id, user_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX likes_of_target ON likes (target_id, liked_at, user_id);
            CREATE INDEX likes_of_user ON likes (user_id, liked_at, target_id);
            CREATE TABLE counters (
                target_id BLOB PRIMARY KEY CHECK (length(target_id) = 16),
                count INTEGER NOT NULL CHECK (count >= 0),
                version INTEGER NOT NULL CHECK (version >= count),
                is_reported INTEGER NOT NULL CHECK (is_reported IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX counters_unreported ON counters (target_id) WHERE is_reported = 0;
            CREATE TABLE targets (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                type TEXT NOT NULL CHECK (type IN ('media', 'comment')),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                media_id BLOB CHECK (length(media_id) = 16),
                is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
                is_ready INTEGER NOT NULL CHECK (is_ready IN (0, 1)),
                is_deleted INTEGER NOT NULL CHECK (is_deleted IN (0, 1)),
                version INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            \(Blocks.table)
            \(AccountStanding.tables)
            CREATE TABLE deleted_targets (
                target_id BLOB PRIMARY KEY CHECK (length(target_id) = 16)
            ) STRICT, WITHOUT ROWID
            """
        )
    ]
}
