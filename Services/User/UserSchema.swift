import Mailing
import Persistence

/// The tables. All are truth; `erased_users` and `erasures` outlive the account on purpose: they are the proof, and hold
/// nothing personal but the id.
enum UserSchema {
    static let migrations = [
        Migration(1, "users", users),
        Migration(2, "erasures", erasures),
        Migration(3, "handle keys, ends of bans, admin acts", administration),
        Migration(4, "mails, confirmations of addresses, allowances", MailQueue.schema + confirmations),
        Migration(5, "retired handles", retiredHandles),
        Migration(6, "handles given up for others rest too", "ALTER TABLE retired_handles ADD COLUMN owner BLOB"),
        Migration(7, "second factors beside passwords", secondFactors),
    ]

    private static let users = """
        CREATE TABLE users (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            email TEXT NOT NULL UNIQUE,
            handle TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            locale TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('user', 'staff', 'moderator', 'admin')),
            password_hash TEXT NOT NULL,
            banned_at INTEGER,
            ban_reason TEXT,
            created_at INTEGER NOT NULL,
            last_login_at INTEGER,
            version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
        CREATE TABLE relations (
            user_id BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('block', 'mute')),
            target_id BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, kind, target_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX relations_by_target ON relations (target_id);

        """

    private static let erasures = """
        CREATE TABLE erasures (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            user_id BLOB NOT NULL UNIQUE CHECK (length(user_id) = 16),
            receipt_digest BLOB NOT NULL,
            requested_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erasure_receipts (
            erasure_id BLOB NOT NULL REFERENCES erasures,
            service TEXT NOT NULL,
            acknowledged_at INTEGER NOT NULL,
            PRIMARY KEY (erasure_id, service)
        ) STRICT, WITHOUT ROWID;
        """

    private static let administration = """
        ALTER TABLE users ADD COLUMN handle_key TEXT NOT NULL DEFAULT '';
        UPDATE users SET handle_key = handle;
        CREATE UNIQUE INDEX users_by_handle_key ON users (handle_key);
        ALTER TABLE users ADD COLUMN email_verified_at INTEGER;
        ALTER TABLE users ADD COLUMN banned_until INTEGER;
        CREATE INDEX users_by_ban_end ON users (banned_until) WHERE banned_until IS NOT NULL;
        CREATE INDEX users_banned ON users (id) WHERE banned_at IS NOT NULL;
        CREATE INDEX users_by_role ON users (role, id);
        CREATE TABLE admin_acts (
            user_id BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            id BLOB NOT NULL CHECK (length(id) = 16),
            admin_id BLOB CHECK (length(admin_id) = 16),
            act TEXT NOT NULL,
            detail TEXT NOT NULL,
            PRIMARY KEY (user_id, id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let confirmations = """
        CREATE TABLE confirmations (
            user_id BLOB PRIMARY KEY REFERENCES users ON DELETE CASCADE,
            digest BLOB NOT NULL UNIQUE,
            email TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX confirmations_by_end ON confirmations (expires_at);
        CREATE TABLE allowances (
            key BLOB PRIMARY KEY,
            since INTEGER NOT NULL,
            used INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX allowances_by_age ON allowances (since);
        """

    /// The later of the two instants says whether there is a second factor.
    private static let secondFactors = """
        ALTER TABLE users ADD COLUMN factor_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN alone_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN short_password INTEGER NOT NULL DEFAULT 0;
        """

    private static let retiredHandles = """
        CREATE TABLE retired_handles (
            mark BLOB PRIMARY KEY CHECK (length(mark) = 16),
            until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX retired_handles_by_end ON retired_handles (until);
        """
}
