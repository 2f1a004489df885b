import Persistence
import ServiceKit

/// BatchUpload's SQL.
enum BatchStore {
    /// Truth: all.
    static let migrations = [
        Migration(
            1,
            "batches, their files and parts, jobs and accounts",
            """
            CREATE TABLE batches (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
                state TEXT NOT NULL CHECK (state IN
                    ('reserving', 'open', 'completing', 'completed', 'failed', 'cancelled', 'expired')),
                total INTEGER NOT NULL CHECK (total > 0),
                received INTEGER NOT NULL CHECK (received BETWEEN 0 AND total),
                ready INTEGER NOT NULL CHECK (ready >= 0),
                failed INTEGER NOT NULL CHECK (failed >= 0 AND ready + failed <= total),
                total_size INTEGER NOT NULL CHECK (total_size >= 0),
                received_bytes INTEGER NOT NULL CHECK (received_bytes BETWEEN 0 AND total_size),
                part_size INTEGER NOT NULL CHECK (part_size > 0),
                reason TEXT,
                holds_bytes INTEGER NOT NULL CHECK (holds_bytes IN (0, 1)),
                created_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                ended_at INTEGER,
                version INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX batches_of_owner ON batches (owner_id, id);
            CREATE INDEX batches_active ON batches (owner_id) WHERE state IN ('reserving', 'open', 'completing');
            CREATE INDEX batches_by_expiry ON batches (expires_at) WHERE state IN ('reserving', 'open');
            CREATE INDEX batches_over ON batches (id) WHERE ended_at IS NOT NULL AND holds_bytes = 1;
            CREATE TABLE files (
                batch_id BLOB NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
                place INTEGER NOT NULL CHECK (place >= 0),
                name TEXT NOT NULL,
                size INTEGER NOT NULL CHECK (size >= 0),
                content_type TEXT NOT NULL,
                announced BLOB CHECK (length(announced) = 32),
                sha256 BLOB CHECK (length(sha256) = 32),
                state TEXT NOT NULL CHECK (state IN
                    ('pending', 'receiving', 'received', 'stored', 'ready', 'failed')),
                received_parts INTEGER NOT NULL CHECK (received_parts >= 0),
                received_bytes INTEGER NOT NULL CHECK (received_bytes BETWEEN 0 AND size),
                media_id BLOB CHECK (length(media_id) = 16),
                reason TEXT,
                detail TEXT,
                PRIMARY KEY (batch_id, place)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX files_by_media ON files (media_id) WHERE media_id IS NOT NULL;
            CREATE TABLE parts (
                batch_id BLOB NOT NULL,
                place INTEGER NOT NULL,
                number INTEGER NOT NULL CHECK (number >= 0),
                sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
                PRIMARY KEY (batch_id, place, number),
                FOREIGN KEY (batch_id, place) REFERENCES files ON DELETE CASCADE
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE jobs (
                id INTEGER PRIMARY KEY,
                batch_id BLOB NOT NULL,
                place INTEGER NOT NULL,
                attempts INTEGER NOT NULL,
                due_at INTEGER NOT NULL,
                traceparent TEXT,
                UNIQUE (batch_id, place),
                FOREIGN KEY (batch_id, place) REFERENCES files ON DELETE CASCADE
            ) STRICT;
            CREATE INDEX jobs_by_time ON jobs (due_at, id);
            \(AccountStanding.tables)
            """
        )
    ]
}
