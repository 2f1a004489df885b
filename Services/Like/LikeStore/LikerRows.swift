import Contracts
import Persistence
import ServiceKit
import System

/// What keeps an account from liking a target that it sees.
struct LikerStanding: Sendable, Equatable {
    let isBanned: Bool
    let isErased: Bool
    /// By the target's owner.
    let isBlocked: Bool

    /// Refuses with 403 who is banned or blocked, and with 401 whose account is gone though the token is not revoked yet.
    func check() throws(Problem) {
        if isBanned { throw Problem(.userBanned) }
        if isErased { throw Problem(.tokenRevoked) }
        if isBlocked { throw Problem(.forbidden, "the owner wants no likes of this account") }
    }
}

extension Connection {
    /// The next offsets of a group, by `<topic>-<partition>`.
    func consumed(by group: String) throws -> [String: Int64] {
        let places = try rows(
            "SELECT topic, partition, next_offset FROM consumer_offsets WHERE group_name = \(group)"
        ) { ("\(try $0[0] as String)-\(try $0[1] as Int64)", try $0[2] as Int64) }
        return Dictionary(places) { max($0, $1) }
    }
}
