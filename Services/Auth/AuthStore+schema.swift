import Persistence

extension AuthStore {
    /// The schema of `auth.sqlite`; all of it is truth, none a projection.
    static let migrations = [
        Migration(
            1,
            "sessions, throttles, audit",
            """
            CREATE TABLE sessions (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                role TEXT NOT NULL,
                family_secret BLOB NOT NULL CHECK (length(family_secret) = 32),
                generation INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                refreshed_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                address_prefix TEXT NOT NULL,
                user_agent TEXT NOT NULL,
                ended_at INTEGER,
                ended_reason TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX active_sessions_by_user ON sessions (user_id, refreshed_at) WHERE ended_at IS NULL;
            CREATE INDEX active_sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;

            CREATE TABLE throttles (
                key TEXT PRIMARY KEY,
                failures INTEGER NOT NULL,
                last_failure INTEGER NOT NULL,
                blocked_until INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX throttles_by_age ON throttles (last_failure);

            CREATE TABLE audit (
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                id BLOB NOT NULL CHECK (length(id) = 16),
                type TEXT NOT NULL,
                session_id BLOB CHECK (length(session_id) = 16),
                address_prefix TEXT NOT NULL,
                user_agent TEXT NOT NULL,
                reason TEXT,
                at INTEGER NOT NULL,
                PRIMARY KEY (user_id, id)
            ) STRICT, WITHOUT ROWID;
            """
        ),
        Migration(
            2,
            "erased users",
            """
            CREATE TABLE erased_users (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                erased_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX sessions_by_user ON sessions (user_id);
            """
        ),
        Migration(
            3,
            "what is old goes",
            """
            CREATE INDEX ended_sessions_by_age ON sessions (ended_at) WHERE ended_at IS NOT NULL;
            CREATE INDEX audit_by_age ON audit (at);
            """
        ),
    ]
}
