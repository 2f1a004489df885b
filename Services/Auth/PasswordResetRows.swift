import Persistence
import Security
import System

/// Rows of the tables `reset_requests` (somebody wrote an address) and `password_resets` (a secret is on its way).
enum PasswordResetRows {
    /// A wish that has not been looked at: nobody knows yet whether the address has an account.
    struct Request: Sendable {
        let id: Identifier
        /// The name of the address, by its HMAC.
        let account: String
        let client: Client
    }

    static func insert(_ transaction: borrowing Transaction, _ request: Request) throws {
        let client = request.client
        try transaction.execute(
            """
            INSERT INTO reset_requests (id, account, address_prefix, user_agent, traceparent)
            VALUES (\(request.id), \(request.account), \(client.addressPrefix), \(client.userAgent),
            \(client.traceparent))
            """
        )
    }

    /// Takes the oldest requests.
    static func take(_ transaction: borrowing Transaction, limit: Int) throws -> [Request] {
        let requests = try transaction.connection.rows(
            """
            SELECT id, account, address_prefix, user_agent, traceparent FROM reset_requests ORDER BY id LIMIT \(limit)
            """
        ) { row in
            let client = Client(addressPrefix: try row[2], userAgent: try row[3], traceparent: try row[4])
            return Request(id: try row[0], account: try row[1], client: client)
        }
        for request in requests { try transaction.execute("DELETE FROM reset_requests WHERE id = \(request.id)") }
        return requests
    }

    /// Keeps the digest of a secret.
    static func insert(
        _ transaction: borrowing Transaction,
        token: String,
        of userID: Identifier,
        at now: Timestamp,
        expiresAt: Timestamp
    ) throws {
        try transaction.execute(
            """
            INSERT INTO password_resets (digest, user_id, created_at, expires_at, claimed_until)
            VALUES (\(HashFunction.sha256.digest(token)), \(userID), \(now), \(expiresAt), 0)
            """
        )
    }

    /// How many secrets of a user were made after an instant.
    static func count(_ connection: Connection, of userID: Identifier, after time: Timestamp) throws -> Int {
        try connection.value(
            "SELECT count(*) FROM password_resets WHERE user_id = \(userID) AND created_at > \(time)"
        ) ?? 0
    }

    /// Whose password the secret sets: nobody else gets an answer with it until `end`. Nil when it is not good, or is
    /// being used.
    static func claim(
        _ transaction: borrowing Transaction,
        token: String,
        at now: Timestamp,
        until end: Timestamp
    ) throws -> Identifier? {
        let digest = HashFunction.sha256.digest(token)
        let isClaimed = try transaction.execute(
            """
            UPDATE password_resets SET claimed_until = \(end)
            WHERE digest = \(digest) AND expires_at > \(now) AND claimed_until <= \(now)
            """
        )
        guard isClaimed == 1 else { return nil }
        return try transaction.connection.value("SELECT user_id FROM password_resets WHERE digest = \(digest)")
    }

    /// Gives a secret back that did not set a password.
    static func release(_ transaction: borrowing Transaction, token: String) throws {
        let digest = HashFunction.sha256.digest(token)
        try transaction.execute("UPDATE password_resets SET claimed_until = 0 WHERE digest = \(digest)")
    }

    /// All secrets of a user are worth nothing from now on.
    static func forget(_ transaction: borrowing Transaction, of userID: Identifier) throws {
        try transaction.execute("DELETE FROM password_resets WHERE user_id = \(userID)")
    }

    /// Those too old to be used or counted.
    static func forget(_ transaction: borrowing Transaction, before now: Timestamp) throws {
        let time = now.adding(seconds: -PasswordRecovery.countedSeconds)
        try transaction.execute("DELETE FROM password_resets WHERE created_at < \(time)")
    }
}
