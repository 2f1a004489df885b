import Contracts
import Persistence
import Security
import System

/// Somebody's second factor as it is stored.
struct StoredFactor: Sendable {
    /// The secret, sealed for its user.
    let sealed: [UInt8]
    let isConfirmed: Bool
    /// The step of the last code that was used: no code counts twice (RFC 6238 section 5.2).
    let lastStep: Int64
}

/// A log-in whose password was right and that waits for its second factor.
struct LoginChallenge: Sendable {
    static let lifeSeconds: Int64 = 5 * 60
    /// Wrong codes after which it is over.
    static let attemptLimit = 5

    let userID: Identifier
    let role: Role
    /// The name of the account in throttles.
    let account: String
    /// Where failures are counted.
    let bucket: String
    var attempts: Int
    let expiresAt: Timestamp
}

/// Rows of the tables `second_factors`, `recovery_codes` and `login_challenges`.
enum SecondFactorRows {
    // MARK: Factors

    static func find(_ connection: Connection, of userID: Identifier) throws -> StoredFactor? {
        try connection.first(
            "SELECT sealed, confirmed_at IS NOT NULL, last_step FROM second_factors WHERE user_id = \(userID)"
        ) { row in
            StoredFactor(sealed: try row[0], isConfirmed: try row[1], lastStep: try row[2])
        }
    }

    /// Replaces a factor that was never confirmed.
    static func insert(_ transaction: borrowing Transaction, of userID: Identifier, sealed: [UInt8], at now: Timestamp)
        throws
    {
        try transaction.execute(
            """
            INSERT OR REPLACE INTO second_factors (user_id, sealed, created_at, last_step)
            VALUES (\(userID), \(sealed), \(now), 0)
            """
        )
    }

    static func confirm(_ transaction: borrowing Transaction, of userID: Identifier, at now: Timestamp) throws {
        try transaction.execute("UPDATE second_factors SET confirmed_at = \(now) WHERE user_id = \(userID)")
    }

    static func use(_ transaction: borrowing Transaction, step: Int64, of userID: Identifier) throws {
        try transaction.execute("UPDATE second_factors SET last_step = \(step) WHERE user_id = \(userID)")
    }

    /// The recovery codes go with it.
    static func remove(_ transaction: borrowing Transaction, of userID: Identifier) throws {
        try transaction.execute("DELETE FROM second_factors WHERE user_id = \(userID)")
    }

    // MARK: Recovery codes

    static func insert(_ transaction: borrowing Transaction, recoveryCode digest: [UInt8], of userID: Identifier) throws
    {
        try transaction.execute("INSERT INTO recovery_codes (user_id, digest) VALUES (\(userID), \(digest))")
    }

    /// Uses a code up; false when there is none such.
    static func take(_ transaction: borrowing Transaction, recoveryCode digest: [UInt8], of userID: Identifier) throws
        -> Bool
    {
        try transaction.execute("DELETE FROM recovery_codes WHERE user_id = \(userID) AND digest = \(digest)") == 1
    }

    static func recoveryCodesLeft(_ connection: Connection, of userID: Identifier) throws -> Int {
        try connection.value("SELECT count(*) FROM recovery_codes WHERE user_id = \(userID)") ?? 0
    }

    // MARK: Challenges

    static func insert(_ transaction: borrowing Transaction, _ challenge: LoginChallenge, token: String) throws {
        try transaction.execute(
            """
            INSERT INTO login_challenges (digest, user_id, role, account, bucket, attempts, expires_at)
            VALUES (\(HashFunction.sha256.digest(token)), \(challenge.userID), \(challenge.role.rawValue),
            \(challenge.account), \(challenge.bucket), 0, \(challenge.expiresAt))
            """
        )
    }

    static func challenge(_ connection: Connection, token: String, at now: Timestamp) throws -> LoginChallenge? {
        try connection.first(
            """
            SELECT user_id, role, account, bucket, attempts, expires_at FROM login_challenges
            WHERE digest = \(HashFunction.sha256.digest(token)) AND expires_at > \(now)
            """
        ) { row in
            LoginChallenge(
                userID: try row[0],
                role: Role(rawValue: try row[1]) ?? .user,
                account: try row[2],
                bucket: try row[3],
                attempts: try row[4],
                expiresAt: try row[5]
            )
        }
    }

    /// Counts a wrong code; with the last one allowed the log-in is over.
    static func countFailure(_ transaction: borrowing Transaction, token: String) throws {
        let digest = HashFunction.sha256.digest(token)
        try transaction.execute("UPDATE login_challenges SET attempts = attempts + 1 WHERE digest = \(digest)")
        try transaction.execute(
            "DELETE FROM login_challenges WHERE digest = \(digest) AND attempts >= \(LoginChallenge.attemptLimit)"
        )
    }

    /// The log-in is complete.
    static func end(_ transaction: borrowing Transaction, token: String) throws {
        try transaction.execute("DELETE FROM login_challenges WHERE digest = \(HashFunction.sha256.digest(token))")
    }

    /// Whoever waits with an old password, or an old role, begins anew.
    static func forgetChallenges(_ transaction: borrowing Transaction, of userID: Identifier) throws {
        try transaction.execute("DELETE FROM login_challenges WHERE user_id = \(userID)")
    }

    static func forgetChallenges(_ transaction: borrowing Transaction, before now: Timestamp) throws {
        try transaction.execute("DELETE FROM login_challenges WHERE expires_at <= \(now)")
    }
}
