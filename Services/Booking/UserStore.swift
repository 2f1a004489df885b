import Contracts
import Persistence
import ServiceKit
import System

extension Transaction {
    /// Notes that an account may not act.
    borrowing func ban(_ user: Identifier) throws {
        try execute("INSERT INTO banned_users (user_id) VALUES (\(user)) ON CONFLICT DO NOTHING")
    }

    /// Notes that an account may act again.
    borrowing func unban(_ user: Identifier) throws {
        try execute("DELETE FROM banned_users WHERE user_id = \(user)")
    }

    /// Notes that an account is gone, and drops the answers kept for its repeated requests.
    borrowing func erase(_ user: Identifier, at time: Timestamp) throws {
        try execute("INSERT INTO erased_users (user_id, erased_at) VALUES (\(user), \(time)) ON CONFLICT DO NOTHING")
        try forgetResponses(scope: user.description)
        try unban(user)
    }
}

extension Connection {
    /// Whether an account is gone.
    func isErased(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM erased_users WHERE user_id = \(user)")
    }

    /// Whether an account may not act.
    func isBanned(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM banned_users WHERE user_id = \(user)")
    }

    /// Refuses who may not take seats: 403 when banned, 401 when the account is gone and the token not yet revoked.
    func checkMayBook(_ user: Identifier) throws {
        if try isBanned(user) { throw Problem(.userBanned) }
        if try isErased(user) { throw Problem(.tokenRevoked) }
    }
}
