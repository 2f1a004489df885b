import Contracts
import EventBus
import FoundationEssentials
import Persistence
import Security
import ServiceKit
import System

/// What Auth must know of an account to mail it a secret. Stored sealed, under a name that says nothing.
struct KnownAccount: Codable, Sendable, Equatable {
    var email: String
    /// BCP 47, such as `vi`.
    var locale: String
}

/// Rows of the table `accounts`: a projection of `user-profiles`.
enum AccountRows {
    /// Keeps a profile unless a newer one is known or the user was erased.
    static func save(
        _ transaction: borrowing Transaction,
        _ profile: UserProfile,
        sequence: Int64,
        _ secrets: AuthSecrets
    )
        throws
    {
        guard try !transaction.connection.isErased(profile.userID) else { return }
        let name = secrets.accountName(email: profile.email)
        let old = try transaction.connection.value(
            "SELECT name FROM accounts WHERE user_id = \(profile.userID)",
            as: String.self
        )
        // A request for the old address may have been answered after the change was told.
        if let old, old != name { try PasswordRecovery.forget(profile.userID, transaction) }
        let account = KnownAccount(email: profile.email, locale: profile.locale)
        let plain = try Array(JSONEncoder().encode(account))
        try transaction.execute(
            """
            INSERT INTO accounts (user_id, name, sealed, sequence)
            VALUES (\(profile.userID), \(name),
            \(try secrets.addresses.seal(plain, context: profile.userID.bytes)), \(sequence))
            ON CONFLICT DO UPDATE SET name = excluded.name, sealed = excluded.sealed, sequence = excluded.sequence
            WHERE excluded.sequence >= sequence
            """
        )
    }

    static func forget(_ transaction: borrowing Transaction, _ userID: Identifier) throws {
        try transaction.execute("DELETE FROM accounts WHERE user_id = \(userID)")
    }

    /// Who has the address of that name.
    static func owner(_ connection: Connection, named name: String) throws -> Identifier? {
        try connection.value("SELECT user_id FROM accounts WHERE name = \(name) LIMIT 1")
    }

    static func find(_ connection: Connection, _ userID: Identifier, _ secrets: AuthSecrets) throws -> KnownAccount? {
        let sealed = try connection.value("SELECT sealed FROM accounts WHERE user_id = \(userID)", as: [UInt8].self)
        guard let sealed else { return nil }
        let plain = try secrets.addresses.open(sealed, context: userID.bytes)
        return try JSONDecoder().decode(KnownAccount.self, from: Data(plain))
    }
}
