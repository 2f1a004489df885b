import Contracts
import Persistence
import ServiceKit
import System

/// What one account may store: originals, and what is reserved for uploads.
struct Quota: Sendable, Equatable {
    var bytes: Int64
    var items: Int64
}

extension Transaction {
    /// Takes room of an account's quota: 413 `quota_exceeded` when it has not that much.
    borrowing func reserve(bytes: Int64, items: Int64, of owner: Identifier, quota: Quota) throws {
        let used = try connection.usage(of: owner)
        let (sum, overflow) = used.bytes.addingReportingOverflow(bytes)
        guard !overflow, sum <= quota.bytes, used.items + items <= quota.items else {
            throw Problem(.quotaExceeded, "at most \(quota.bytes) bytes in \(quota.items) items")
        }
        try execute(
            """
            INSERT INTO usage (owner_id, bytes, items) VALUES (\(owner), \(bytes), \(items))
            ON CONFLICT (owner_id) DO UPDATE SET bytes = bytes + \(bytes), items = items + \(items)
            """
        )
    }

    /// Gives room back.
    borrowing func release(bytes: Int64, items: Int64, of owner: Identifier) throws {
        try execute(
            """
            UPDATE usage SET bytes = max(0, bytes - \(bytes)), items = max(0, items - \(items)) WHERE owner_id = \(owner)
            """
        )
    }

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
        try forgetBatches(of: user)
        try unban(user)
    }

    /// Notes that nothing of an account is left.
    borrowing func endErasure(of user: Identifier) throws {
        try execute("UPDATE erased_users SET done = 1 WHERE user_id = \(user)")
        try execute("DELETE FROM usage WHERE owner_id = \(user)")
    }
}

/// An erasure that is under way.
struct Erasure: Sendable, Equatable {
    let userID: Identifier
    let erasureID: Identifier?
    let eventID: Identifier
}

extension Connection {
    /// What an account uses.
    func usage(of owner: Identifier) throws -> Quota {
        try first("SELECT bytes, items FROM usage WHERE owner_id = \(owner)") {
            Quota(bytes: try $0[0], items: try $0[1])
        } ?? Quota(bytes: 0, items: 0)
    }

    /// Refuses who may not upload: 403 when banned, 401 when the account is gone and the token not yet revoked.
    func checkMayUpload(_ user: Identifier) throws {
        if try isBanned(user) { throw Problem(.userBanned) }
        if try isErased(user) { throw Problem(.tokenRevoked) }
    }

    /// Whether an account may not upload.
    func isBanned(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM banned_users WHERE user_id = \(user)")
    }

    /// Whether an account is gone.
    func isErased(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM erased_users WHERE user_id = \(user)")
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
