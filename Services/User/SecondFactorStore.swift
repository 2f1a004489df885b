import Contracts
import Persistence
import System

// Whether a password stands beside a second factor. Auth has the factor and tells of it by events; before one ends it asks,
// which is in force at once. What it told of an earlier time changes nothing then.
extension Connection {
    func hasSecondFactor(_ id: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM users WHERE id = \(id) AND factor_at > alone_at")
    }

    func hasShortPassword(_ id: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM users WHERE id = \(id) AND short_password = 1")
    }
}

extension Transaction {
    borrowing func noteSecondFactor(of id: Identifier, at time: Timestamp) throws {
        try execute("UPDATE users SET factor_at = max(factor_at, \(time)) WHERE id = \(id)")
    }

    /// From that time on the password is all that is asked.
    borrowing func notePasswordAlone(of id: Identifier, at time: Timestamp) throws {
        try execute("UPDATE users SET alone_at = max(alone_at, \(time)) WHERE id = \(id)")
    }
}

extension Accounts {
    /// Lets a password be all that log-ins ask, when it is long enough for that.
    func letPasswordStandAlone(of id: Identifier) async throws {
        let now = clock.now
        try await database.write { transaction in
            guard try transaction.connection.user(id) != nil else { throw UserError.notFound }
            if try transaction.connection.hasShortPassword(id) { throw UserError.passwordTooShort }
            try transaction.notePasswordAlone(of: id, at: now)
        }
    }
}
