public import Contracts
import Mailing
public import Persistence
import System

extension Connection {
    func user(_ id: Identifier) throws -> User? {
        try first("SELECT \(userColumns) FROM users WHERE id = \(id)", decodeUser)
    }

    func user(email: EmailAddress) throws -> User? {
        try first("SELECT \(userColumns) FROM users WHERE email = \(email.text)", decodeUser)
    }

    func isTaken(_ handle: Handle) throws -> Bool {
        try exists("SELECT 1 FROM users WHERE handle_key = \(handle.key)")
    }

    func passwordHash(of id: Identifier) throws -> String? {
        try value("SELECT password_hash FROM users WHERE id = \(id)")
    }

    func lastLogin(of id: Identifier) throws -> Timestamp? {
        try value("SELECT last_login_at FROM users WHERE id = \(id) AND last_login_at IS NOT NULL")
    }

    /// Whether another account can act as admin.
    func hasAdmin(besides id: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM users WHERE role = 'admin' AND banned_at IS NULL AND id <> \(id) LIMIT 1")
    }

    /// Whom a user blocks or mutes, after a key, in order of id.
    func targets(of id: Identifier, _ kind: Relation, after key: Identifier?, limit: Int) throws -> [RelationEntry] {
        let low = key?.bytes ?? []
        return try rows(
            """
            SELECT target_id, created_at FROM relations
            WHERE user_id = \(id) AND kind = \(kind) AND target_id > \(low) ORDER BY target_id LIMIT \(limit)
            """
        ) { row in RelationEntry(targetID: try row[0], since: try row[1]) }
    }

    func countTargets(of id: Identifier, _ kind: Relation) throws -> Int {
        try value("SELECT count(*) FROM relations WHERE user_id = \(id) AND kind = \(kind)") ?? 0
    }
}

/// A person blocked or muted.
struct RelationEntry: Sendable, Equatable {
    let targetID: Identifier
    let since: Timestamp
}

extension Transaction {
    borrowing func insert(_ user: User, passwordHash: String) throws {
        try execute(
            """
            INSERT INTO users
                (id, email, email_verified_at, handle, handle_key, display_name, locale, role, password_hash,
                created_at, version)
            VALUES (\(user.id), \(user.email.text), \(user.emailVerifiedAt), \(user.handle.text),
                \(user.handle.key), \(user.displayName.text), \(user.locale), \(user.role), \(passwordHash),
                \(user.createdAt), \(user.version))
            """
        )
    }

    /// Stores everything of a user that may change but the password.
    borrowing func update(_ user: User) throws {
        try execute(
            """
            UPDATE users SET email = \(user.email.text), email_verified_at = \(user.emailVerifiedAt),
                handle = \(user.handle.text), handle_key = \(user.handle.key),
                display_name = \(user.displayName.text), locale = \(user.locale), role = \(user.role),
                banned_at = \(user.ban?.since), ban_reason = \(user.ban?.reason),
                banned_until = \(user.ban?.until), version = \(user.version)
            WHERE id = \(user.id)
            """
        )
    }

    /// False when the account does not exist or, if `old` is given, has another password by now.
    borrowing func setPasswordHash(
        _ hash: String,
        of id: Identifier,
        replacing old: String? = nil,
        isShort: Bool
    ) throws -> Bool {
        let condition: SQL = old.map { "password_hash = \($0)" } ?? "1"
        return try execute(
            """
            UPDATE users SET password_hash = \(hash), short_password = \(isShort ? 1 : 0)
            WHERE id = \(id) AND \(condition)
            """
        ) == 1
    }

    /// Stores the same password with a stronger hash.
    borrowing func renewPasswordHash(_ hash: String, of id: Identifier, replacing old: String) throws {
        try execute("UPDATE users SET password_hash = \(hash) WHERE id = \(id) AND password_hash = \(old)")
    }

    borrowing func noteLogin(of id: Identifier, at time: Timestamp) throws -> Bool {
        try execute("UPDATE users SET last_login_at = \(time) WHERE id = \(id)") == 1
    }

    /// False when it was there already.
    borrowing func insert(_ kind: Relation, of id: Identifier, to target: Identifier, at time: Timestamp) throws -> Bool
    {
        try execute(
            """
            INSERT INTO relations (user_id, kind, target_id, created_at) VALUES (\(id), \(kind), \(target), \(time))
            ON CONFLICT DO NOTHING
            """
        ) == 1
    }

    /// False when there was none.
    borrowing func delete(_ kind: Relation, of id: Identifier, to target: Identifier) throws -> Bool {
        try execute(
            "DELETE FROM relations WHERE user_id = \(id) AND kind = \(kind) AND target_id = \(target)"
        ) == 1
    }

    /// Removes an account with its relations, waiting mails and the answers kept for repeated requests; its handle rests.
    /// False when there is none.
    borrowing func delete(_ user: User, at now: Timestamp, secret: [UInt8]) throws -> Bool {
        try retire(user.handle, secret: secret, at: now)
        try MailQueue.forget(user.id, self)
        try forgetResponses(scope: user.id.description)
        try forgetResponses(scope: user.email.text)
        return try execute("DELETE FROM users WHERE id = \(user.id)") == 1
    }
}

let userColumns: SQL = """
    id, email, handle, display_name, locale, role, banned_at, ban_reason, created_at, version, email_verified_at,
    banned_until
    """

func decodeUser(_ row: borrowing Row) throws -> User {
    let bannedAt: Timestamp? = try row[6]
    let reason: String? = try row[7]
    let until: Timestamp? = try row[11]
    return User(
        id: try row[0],
        email: EmailAddress(stored: try row[1]),
        emailVerifiedAt: try row[10],
        handle: Handle(stored: try row[2]),
        displayName: DisplayName(stored: try row[3]),
        locale: try row[4],
        role: try row[5],
        ban: bannedAt.map { User.Ban(since: $0, reason: reason ?? "", until: until) },
        createdAt: try row[8],
        version: try row[9]
    )
}

// Public only since both types are; nothing imports a service.
extension Role: ColumnValue {}
extension Locale: ColumnValue {}
extension Relation: ColumnValue {}
