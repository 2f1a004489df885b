import Mailing
import Persistence

extension AuthStore {
    /// The schema of `auth.sqlite`; all of it is truth but `accounts`, which follows from `user-profiles`.
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
        Migration(
            4,
            "password resets, second factors, mails",
            """
            ALTER TABLE sessions ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0;

            CREATE TABLE accounts (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                name TEXT NOT NULL,
                sealed BLOB NOT NULL,
                sequence INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX accounts_by_name ON accounts (name);

            CREATE TABLE reset_requests (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                account TEXT NOT NULL,
                address_prefix TEXT NOT NULL,
                user_agent TEXT NOT NULL,
                traceparent TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE password_resets (
                digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                created_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                claimed_until INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX password_resets_by_user ON password_resets (user_id, created_at);
            CREATE INDEX password_resets_by_age ON password_resets (created_at);

            CREATE TABLE second_factors (
                user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
                sealed BLOB NOT NULL,
                created_at INTEGER NOT NULL,
                confirmed_at INTEGER,
                last_step INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE recovery_codes (
                user_id BLOB NOT NULL REFERENCES second_factors ON DELETE CASCADE,
                digest BLOB NOT NULL CHECK (length(digest) = 32),
                PRIMARY KEY (user_id, digest)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE login_challenges (
                digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                role TEXT NOT NULL,
                account TEXT NOT NULL,
                bucket TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                expires_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX login_challenges_by_user ON login_challenges (user_id);
            CREATE INDEX login_challenges_by_expiry ON login_challenges (expires_at);

            """ + MailQueue.schema
        ),
        Migration(
            5,
            "a refresh touches no index of sessions",
            """
            DROP INDEX active_sessions_by_user;
            DROP INDEX active_sessions_by_expiry;
            ALTER TABLE sessions ADD COLUMN swept_at INTEGER NOT NULL DEFAULT 0;
            UPDATE sessions SET swept_at = expires_at;
            CREATE INDEX active_sessions_of_user ON sessions (user_id) WHERE ended_at IS NULL;
            CREATE INDEX active_sessions_to_sweep ON sessions (swept_at) WHERE ended_at IS NULL;
            """
        ),
    ]
}
