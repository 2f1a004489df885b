import Persistence
import ServiceKit

/// Media's SQL.
enum MediaStore {
    /// Truth: all. What is in the log of items and blobs can be compared with it, not put in its place.
    static let migrations = [
        Migration(
            1,
            "items, variants, uploads, blobs, usage and accounts",
            """
            CREATE TABLE media (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
                state TEXT NOT NULL CHECK (state IN ('uploaded', 'processing', 'ready', 'failed')),
                title TEXT,
                file_name TEXT,
                content_type TEXT NOT NULL,
                size INTEGER NOT NULL CHECK (size >= 0),
                sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
                kind TEXT,
                width INTEGER,
                height INTEGER,
                duration_ms INTEGER,
                placeholder TEXT,
                reason TEXT,
                detail TEXT,
                job_id BLOB CHECK (length(job_id) = 16),
                preset_version INTEGER NOT NULL,
                batch_id BLOB CHECK (length(batch_id) = 16),
                batch_index INTEGER,
                created_at INTEGER NOT NULL,
                version INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX media_of_owner ON media (owner_id, id);
            CREATE INDEX media_public ON media (owner_id, id) WHERE visibility = 'public' AND state = 'ready';
            CREATE INDEX media_by_preset ON media (preset_version, id);
            CREATE TABLE variants (
                media_id BLOB NOT NULL REFERENCES media (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                ordinal INTEGER NOT NULL,
                content_type TEXT NOT NULL,
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                size INTEGER NOT NULL,
                sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
                PRIMARY KEY (media_id, ordinal),
                UNIQUE (media_id, name)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE uploads (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                kind TEXT NOT NULL CHECK (kind IN ('plain', 'resumable', 'partial', 'final')),
                length INTEGER CHECK (length >= 0),
                offset INTEGER NOT NULL CHECK (offset >= 0),
                reserved INTEGER NOT NULL CHECK (reserved >= 0),
                state TEXT NOT NULL CHECK (state IN ('open', 'finishing', 'complete')),
                visibility TEXT NOT NULL,
                title TEXT,
                file_name TEXT,
                metadata TEXT,
                content_type TEXT,
                sha256 BLOB CHECK (length(sha256) = 32),
                final_id BLOB CHECK (length(final_id) = 16),
                ordinal INTEGER,
                created_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX uploads_by_expiry ON uploads (expires_at);
            CREATE INDEX uploads_of_owner ON uploads (owner_id, state);
            CREATE INDEX uploads_of_final ON uploads (final_id, ordinal) WHERE final_id IS NOT NULL;
            CREATE INDEX uploads_by_state ON uploads (state, kind);
            CREATE TABLE usage (
                owner_id BLOB PRIMARY KEY CHECK (length(owner_id) = 16),
                bytes INTEGER NOT NULL CHECK (bytes >= 0),
                items INTEGER NOT NULL CHECK (items >= 0)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE blobs (
                sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
                size INTEGER NOT NULL,
                refs INTEGER NOT NULL CHECK (refs >= 0),
                unused_since INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX blobs_unused ON blobs (unused_since) WHERE refs = 0;
            \(AccountStanding.tables)
            CREATE TABLE reprocessing (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                preset_version INTEGER NOT NULL
            ) STRICT
            """
        ),
        Migration(
            2,
            "batches, and items that are hidden until theirs is complete",
            """
            ALTER TABLE media ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1));
            DROP INDEX media_public;
            CREATE INDEX media_public ON media (owner_id, id)
                WHERE visibility = 'public' AND state = 'ready' AND is_hidden = 0;
            CREATE UNIQUE INDEX media_of_batch ON media (batch_id, batch_index) WHERE batch_id IS NOT NULL;
            CREATE INDEX media_unseen ON media (id) WHERE state = 'uploaded' AND job_id IS NULL;
            CREATE TABLE batches (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
                state TEXT NOT NULL CHECK (state IN ('open', 'discarding', 'over')),
                bytes INTEGER NOT NULL CHECK (bytes >= 0),
                items INTEGER NOT NULL CHECK (items >= 0)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX batches_of_owner ON batches (owner_id);
            CREATE INDEX batches_discarding ON batches (id) WHERE state = 'discarding'
            """
        ),
        Migration(3, "the trace of items that are looked at later", "ALTER TABLE media ADD COLUMN traceparent TEXT"),
    ]
}
