import Contracts
import Persistence
import ServiceKit
import System

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
                    EXISTS (SELECT 1 FROM blocks WHERE user_id = \(target.ownerID) AND target_id = \(user))
                """
            ) { (try $0[0] as Bool, try $0[1] as Bool, try $0[2] as Bool) } ?? (false, false, false)
        if isBanned { throw Problem(.userBanned) }
        if isErased { throw Problem(.tokenRevoked) }
        if isBlocked { throw Problem(.forbidden, "the owner wants no likes of this account") }
    }

    /// The next offsets of a group, by `<topic>-<partition>`.
    func consumed(by group: String) throws -> [String: Int64] {
        let places = try rows(
            "SELECT topic, partition, next_offset FROM consumer_offsets WHERE group_name = \(group)"
        ) { ("\(try $0[0] as String)-\(try $0[1] as Int64)", try $0[2] as Int64) }
        return Dictionary(places) { max($0, $1) }
    }
}
