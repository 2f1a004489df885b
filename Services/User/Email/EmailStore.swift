import Persistence
import System

extension Connection {
    /// The address that somebody has still to confirm.
    func confirmation(of id: Identifier, at now: Timestamp) throws -> EmailConfirmation? {
        try first(
            "SELECT user_id, email, expires_at FROM confirmations WHERE user_id = \(id) AND expires_at > \(now)",
            decodeConfirmation
        )
    }
}

extension Transaction {
    /// Stores a confirmation in the place of the user's former one, whose secret is worth nothing any more.
    borrowing func save(_ confirmation: EmailConfirmation, digest: [UInt8]) throws {
        let (id, email, end) = (confirmation.userID, confirmation.email.text, confirmation.expiresAt)
        try execute(
            """
            INSERT INTO confirmations (user_id, digest, email, expires_at) VALUES (\(id), \(digest), \(email), \(end))
            ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest, email = excluded.email,
                expires_at = excluded.expires_at
            """
        )
    }

    /// Takes the confirmation that a secret belongs to, for good; nil when there is none any more.
    borrowing func takeConfirmation(digest: [UInt8], at now: Timestamp) throws -> EmailConfirmation? {
        let found = try connection.first(
            "SELECT user_id, email, expires_at FROM confirmations WHERE digest = \(digest) AND expires_at > \(now)",
            decodeConfirmation
        )
        guard let found else { return nil }
        try deleteConfirmation(of: found.userID)
        return found
    }

    borrowing func deleteConfirmation(of id: Identifier) throws {
        try execute("DELETE FROM confirmations WHERE user_id = \(id)")
    }

    /// Forgets addresses that nobody confirmed in time, some at a time.
    borrowing func forgetConfirmations(before time: Timestamp, limit: Int) throws {
        try execute(
            """
            DELETE FROM confirmations WHERE user_id IN
                (SELECT user_id FROM confirmations WHERE expires_at < \(time) LIMIT \(limit))
            """
        )
    }
}

private func decodeConfirmation(_ row: borrowing Row) throws -> EmailConfirmation {
    EmailConfirmation(userID: try row[0], email: EmailAddress(stored: try row[1]), expiresAt: try row[2])
}
