import Persistence
import ServiceKit
import System

/// What others see of somebody: the contact card.
struct Contact: Sendable, Equatable {
    let userID: Identifier
    let handle: String?
    let name: String?
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
        try execute("DELETE FROM last_seen WHERE user_id = \(user)")
    }
}
