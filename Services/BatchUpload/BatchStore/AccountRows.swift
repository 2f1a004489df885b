import Contracts
import Persistence
import ServiceKit
import System

/// An erasure that is under way.
struct Erasure: Sendable, Equatable {
    let userID: Identifier
    let erasureID: Identifier?
    let eventID: Identifier
}

extension Connection {
    /// Refuses who may not upload: 403 when banned, 401 when the account is gone and the token not yet revoked.
    func checkMayUpload(_ user: Identifier) throws {
        if try exists("SELECT 1 FROM banned_users WHERE user_id = \(user)") { throw Problem(.userBanned) }
        if try exists("SELECT 1 FROM erased_users WHERE user_id = \(user)") { throw Problem(.tokenRevoked) }
    }

    /// An erasure to go on with.
    func openErasure() throws -> Erasure? {
        try first(
            """
            SELECT user_id, erasure_id, event_id FROM erased_users WHERE done = 0 AND user_id > \([UInt8]()) LIMIT 1
            """
        ) {
            Erasure(userID: try $0[0], erasureID: try $0[1], eventID: try $0[2])
        }
    }
}

extension Transaction {
    /// Notes that an account may not upload.
    borrowing func ban(_ user: Identifier) throws {
        try execute("INSERT INTO banned_users (user_id) VALUES (\(user)) ON CONFLICT DO NOTHING")
    }

    /// Notes that an account may upload again.
    borrowing func unban(_ user: Identifier) throws {
        try execute("DELETE FROM banned_users WHERE user_id = \(user)")
    }

    /// Notes that all of an account's is to go, and which event asked for it.
    borrowing func beginErasure(of user: Identifier, _ erasure: Identifier?, event: Identifier) throws {
        try execute(
            """
            INSERT INTO erased_users (user_id, erasure_id, event_id, done)
            VALUES (\(user), \(erasure), \(event), 0) ON CONFLICT DO NOTHING
            """
        )
        try forgetResponses(scope: user.description)
        try unban(user)
    }

    /// Notes that nothing of an account is left.
    borrowing func endErasure(of user: Identifier) throws {
        try execute("UPDATE erased_users SET done = 1 WHERE user_id = \(user)")
    }
}
