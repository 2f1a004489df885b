import Persistence
import ServiceKit
import System

/// What others see of somebody: the contact card.
struct Contact: Sendable, Equatable {
    let userID: Identifier
    let handle: String?
    let name: String?
}

/// An erasure that is under way.
struct Erasure: Sendable, Equatable {
    let userID: Identifier
    let erasureID: Identifier?
    let eventID: Identifier
}

extension Connection {
    /// Somebody's card; nil of whom nothing is known, or who is gone.
    func contact(_ user: Identifier) throws -> Contact? {
        try first("SELECT user_id, handle, name FROM people WHERE user_id = \(user)", Self.contact)
    }

    /// Who has a handle. One that changed hands may be known of both for a moment.
    func contact(withHandle handle: String) throws -> Contact? {
        try first(
            "SELECT user_id, handle, name FROM people WHERE handle = \(handle) ORDER BY user_id DESC LIMIT 1",
            Self.contact
        )
    }

    private static func contact(_ row: borrowing Row) throws -> Contact {
        Contact(userID: try row[0], handle: try row[1], name: try row[2])
    }

    /// Whether one of two people wants nothing from the other.
    func isBlock(between user: Identifier, and other: Identifier) throws -> Bool {
        try hasBlocked(user, other) || hasBlocked(other, user)
    }

    private func hasBlocked(_ user: Identifier, _ other: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM blocks WHERE user_id = \(user) AND target_id = \(other)")
    }

    func isBanned(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM banned_users WHERE user_id = \(user)")
    }

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

extension Transaction {
    /// Somebody signed up: a card without a name, until the profile comes.
    borrowing func makeContact(_ user: Identifier) throws {
        guard try !connection.isErased(user) else { return }
        try execute("INSERT INTO people (user_id, sequence) VALUES (\(user), -1) ON CONFLICT DO NOTHING")
    }

    /// Keeps a card unless a newer one is known or the account is gone.
    borrowing func save(_ contact: Contact, sequence: Int64) throws {
        guard try !connection.isErased(contact.userID) else { return }
        try execute(
            """
            INSERT INTO people (user_id, handle, name, sequence)
            VALUES (\(contact.userID), \(contact.handle), \(contact.name), \(sequence))
            ON CONFLICT (user_id) DO UPDATE SET handle = excluded.handle, name = excluded.name,
                sequence = excluded.sequence WHERE excluded.sequence >= sequence
            """
        )
    }

    borrowing func removeContact(_ user: Identifier) throws {
        try execute("DELETE FROM people WHERE user_id = \(user)")
    }

    borrowing func setBlock(_ user: Identifier, _ other: Identifier, _ isBlocked: Bool) throws {
        if isBlocked {
            guard try !connection.isErased(user), try !connection.isErased(other) else { return }
            try execute("INSERT INTO blocks (user_id, target_id) VALUES (\(user), \(other)) ON CONFLICT DO NOTHING")
        } else {
            try execute("DELETE FROM blocks WHERE user_id = \(user) AND target_id = \(other)")
        }
    }

    borrowing func ban(_ user: Identifier) throws {
        try execute("INSERT INTO banned_users (user_id) VALUES (\(user)) ON CONFLICT DO NOTHING")
    }

    borrowing func unban(_ user: Identifier) throws {
        try execute("DELETE FROM banned_users WHERE user_id = \(user)")
    }

    /// Notes that all of an account's is to go, and which event asked for it. The name goes at once.
    borrowing func beginErasure(of user: Identifier, _ erasure: Identifier?, event: Identifier) throws {
        try execute(
            """
            INSERT INTO erased_users (user_id, erasure_id, event_id, done)
            VALUES (\(user), \(erasure), \(event), 0) ON CONFLICT DO NOTHING
            """
        )
        try removeContact(user)
        try unban(user)
        try execute("DELETE FROM blocks WHERE user_id = \(user)")
        try execute("DELETE FROM blocks WHERE target_id = \(user)")
    }

    /// Notes that nothing of an account is left.
    borrowing func endErasure(of user: Identifier) throws {
        try execute("UPDATE erased_users SET done = 1 WHERE user_id = \(user)")
    }
}
