import Contracts
import Persistence
import ServiceKit
import System

extension Transaction {
    /// Notes that an account may not like anything.
    borrowing func ban(_ user: Identifier) throws {
        try execute("INSERT INTO banned_users (user_id) VALUES (\(user)) ON CONFLICT DO NOTHING")
    }

    /// Notes that an account may like again.
    borrowing func unban(_ user: Identifier) throws {
        try execute("DELETE FROM banned_users WHERE user_id = \(user)")
    }

    /// Notes that somebody wants nothing from another, unless one of them is gone.
    borrowing func block(_ blocked: Identifier, by user: Identifier) throws {
        try execute(
            """
            INSERT INTO blocks (user_id, blocked_id) SELECT \(user), \(blocked)
            WHERE NOT EXISTS (SELECT 1 FROM erased_users WHERE user_id IN (\(user), \(blocked))) ON CONFLICT DO NOTHING
            """
        )
    }

    /// Notes that a block was lifted.
    borrowing func unblock(_ blocked: Identifier, by user: Identifier) throws {
        try execute("DELETE FROM blocks WHERE user_id = \(user) AND blocked_id = \(blocked)")
    }

    /// Notes that the likes of an account that is gone are to be removed, and which event asked for it.
    borrowing func beginErasure(of user: Identifier, _ erasure: Identifier?, event: Identifier) throws {
        try execute(
            """
            INSERT INTO erased_users (user_id, erasure_id, event_id, done)
            VALUES (\(user), \(erasure), \(event), 0) ON CONFLICT DO NOTHING
            """
        )
        try unban(user)
        try execute("DELETE FROM blocks WHERE user_id = \(user)")
        try execute("DELETE FROM blocks WHERE blocked_id = \(user)")
    }

    /// Notes that nothing of an account is left.
    borrowing func endErasure(of user: Identifier) throws {
        try execute("UPDATE erased_users SET done = 1 WHERE user_id = \(user)")
    }
}

/// An erasure that is under way.
struct Erasure: Sendable, Equatable {
    let userID: Identifier
    let erasureID: Identifier?
    let eventID: Identifier
}

extension Connection {
    /// Refuses who may not like a target: 404 `target_not_found` who does not see it, 403 who is banned, or blocked by its
    /// owner, and 401 whose account is gone though the token is not revoked yet.
    func checkMayLike(_ target: Target, _ user: Identifier) throws {
        guard target.isVisible(to: user) else { throw Problem(.targetNotFound) }
        let (isBanned, isErased, isBlocked) =
            try first(
                """
                SELECT EXISTS (SELECT 1 FROM banned_users WHERE user_id = \(user)),
                    EXISTS (SELECT 1 FROM erased_users WHERE user_id = \(user)),
                    EXISTS (SELECT 1 FROM blocks WHERE user_id = \(target.ownerID) AND blocked_id = \(user))
                """
            ) { (try $0[0] as Bool, try $0[1] as Bool, try $0[2] as Bool) } ?? (false, false, false)
        if isBanned { throw Problem(.userBanned) }
        if isErased { throw Problem(.tokenRevoked) }
        if isBlocked { throw Problem(.forbidden, "the owner wants no likes of this account") }
    }

    /// An erasure to go on with.
    func openErasure() throws -> Erasure? {
        try first(
            """
            SELECT user_id, erasure_id, event_id FROM erased_users WHERE done = 0 AND user_id > \([UInt8]())
            ORDER BY user_id LIMIT 1
            """
        ) { Erasure(userID: try $0[0], erasureID: try $0[1], eventID: try $0[2]) }
    }

    /// The next offsets of a group, by `<topic>-<partition>`.
    func consumed(by group: String) throws -> [String: Int64] {
        let places = try rows(
            "SELECT topic, partition, next_offset FROM consumer_offsets WHERE group_name = \(group)"
        ) { ("\(try $0[0] as String)-\(try $0[1] as Int64)", try $0[2] as Int64) }
        return Dictionary(places) { max($0, $1) }
    }
}
