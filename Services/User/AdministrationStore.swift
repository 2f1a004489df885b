import Contracts
import Persistence
import System

/// An act of an admin on an account, or of the service for them.
struct AdminAct: Sendable, Equatable {
    enum Kind: String, Sendable {
        case roleChanged = "role_changed"
        case banned, unbanned, imported
    }

    /// Its time is when it was done.
    let id: Identifier
    /// Nil for what the service did by itself.
    let adminID: Identifier?
    let kind: Kind
    /// The role given, or the reason.
    let detail: String
}

/// Which accounts an admin wants to see.
struct UserFilter: Sendable, Equatable {
    var role: Role?
    var isBanned = false
    /// A whole address, or how a handle begins.
    var text: String?

    /// What a cursor is good for.
    var description: String { "\(role?.rawValue ?? "") \(isBanned) \(text ?? "")" }

    fileprivate var condition: SQL {
        let roles: SQL = role.map { "role = \($0)" } ?? "1"
        let bans: SQL = isBanned ? "banned_at IS NOT NULL" : "1"
        return "\(roles) AND \(bans)"
    }
}

extension Connection {
    /// Accounts that fit, after one with that id and handle; in order of age, or of handles when those are looked for.
    func users(
        _ filter: UserFilter,
        after last: (id: Identifier, handleKey: String)?,
        limit: Int
    ) throws -> [User] {
        guard let text = filter.text else {
            let low = last?.id.bytes ?? []
            return try rows(
                """
                SELECT \(userColumns) FROM users WHERE \(filter.condition) AND id > \(low) ORDER BY id LIMIT \(limit)
                """,
                decodeUser
            )
        }
        if text.contains("@") {
            guard last == nil else { return [] }
            let email = text.lowercased()
            let found: SQL = "SELECT \(userColumns) FROM users WHERE email = \(email) AND \(filter.condition)"
            return try rows(found, decodeUser)
        }
        let (low, high) = (last?.handleKey ?? "", text + "\u{10FFFF}")
        return try rows(
            """
            SELECT \(userColumns) FROM users INDEXED BY users_by_handle_key
            WHERE handle_key >= \(text) AND handle_key < \(high) AND handle_key > \(low) AND \(filter.condition)
            ORDER BY handle_key LIMIT \(limit)
            """,
            decodeUser
        )
    }

    /// Accounts whose suspension has ended.
    func endedBans(at now: Timestamp, limit: Int) throws -> [Identifier] {
        try rows("SELECT id FROM users WHERE banned_until <= \(now) ORDER BY banned_until LIMIT \(limit)") { row in
            try row[0]
        }
    }

    func nextBanEnd() throws -> Timestamp? {
        try value("SELECT banned_until FROM users WHERE banned_until IS NOT NULL ORDER BY banned_until LIMIT 1")
    }

    /// What was done to an account, newest first.
    func adminActs(on id: Identifier, before last: Identifier?, limit: Int) throws -> [AdminAct] {
        let high = last?.bytes ?? [UInt8](repeating: 0xFF, count: 16)
        return try rows(
            """
            SELECT id, admin_id, act, detail FROM admin_acts
            WHERE user_id = \(id) AND id < \(high) ORDER BY id DESC LIMIT \(limit)
            """
        ) { row in AdminAct(id: try row[0], adminID: try row[1], kind: try row[2], detail: try row[3]) }
    }
}

extension Transaction {
    borrowing func insert(_ act: AdminAct, on id: Identifier) throws {
        try execute(
            """
            INSERT INTO admin_acts (user_id, id, admin_id, act, detail)
            VALUES (\(id), \(act.id), \(act.adminID), \(act.kind), \(act.detail))
            """
        )
    }
}

extension AdminAct.Kind: ColumnValue {}
