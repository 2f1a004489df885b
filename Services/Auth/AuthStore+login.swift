import Contracts
import EventBus
import Persistence
import Security
import ServiceKit
import System

/// Failed and successful log-ins, and the throttles between them.
extension AuthStore {
    /// Seconds until the bucket and the address may try again; nil when now.
    func loginWait(bucket: String, address: String) async throws -> Int? {
        let now = clock.now
        return try await database.read { connection in
            let waits = try [bucket, address].compactMap { key in
                Throttle.wait(try Self.throttle(connection, key), at: now)
            }
            return waits.max()
        }
    }

    /// Counts a failed log-in for the address and for the account, or the known device in its place, and says when the
    /// account is locked by it.
    func loginFailed(_ failure: FailedLogin, client: Client) async throws {
        let now = clock.now
        try await database.write { try fail($0, failure, now, client) }
    }

    /// As ``loginFailed(_:client:)``, in a transaction.
    func fail(
        _ transaction: borrowing Transaction,
        _ failure: FailedLogin,
        _ now: Timestamp,
        _ client: Client
    ) throws {
        let limits = limits.current
        try Self.fail(transaction, failure.address, limits.address, now)
        let lock = try Self.fail(transaction, failure.bucket, limits.account, now)
        let userID = failure.userID
        var failed =
            userID.map { LoginFailed(userID: $0, timestamp: now) }
            ?? LoginFailed(account: failure.account, timestamp: now)
        failed.reason = failure.reason
        try Audit.record(transaction, failed, client)
        // A known device that guesses locks nobody else out.
        guard let lock, failure.device == nil else { return }
        var locked =
            userID.map { AccountLocked(userID: $0, timestamp: now) }
            ?? AccountLocked(account: failure.account, timestamp: now)
        locked.until = lock
        try Audit.record(transaction, locked, client)
    }

    /// What the right password leads to.
    enum LoginResult: Sendable {
        case session(Session)
        /// The account has a second factor: what its holder shows with the code.
        case secondFactor(token: String)
    }

    /// Begins a session, and the bucket's failures are forgotten; or a log-in that waits for the second factor.
    func begin(
        _ user: VerifiedCredentials,
        account: String,
        bucket: String,
        client: Client
    ) async throws -> LoginResult {
        let (now, token) = (clock.now, SecureRandom.token())
        return try await database.write { transaction in
            // Erased since User has answered.
            guard try !transaction.connection.isErased(user.userID) else { throw Problem(.invalidCredentials) }
            if try SecondFactorRows.find(transaction.connection, of: user.userID)?.isConfirmed == true {
                let challenge = LoginChallenge(
                    userID: user.userID,
                    role: user.role,
                    account: account,
                    bucket: bucket,
                    attempts: 0,
                    expiresAt: now.adding(seconds: LoginChallenge.lifeSeconds)
                )
                try SecondFactorRows.insert(transaction, challenge, token: token)
                return .secondFactor(token: token)
            }
            return .session(try open(transaction, user, bucket: bucket, hasSecondFactor: false, now, client))
        }
    }

    /// Begins the session of a log-in that is complete.
    func open(
        _ transaction: borrowing Transaction,
        _ user: VerifiedCredentials,
        bucket: String,
        hasSecondFactor: Bool,
        _ now: Timestamp,
        _ client: Client
    ) throws -> Session {
        let session = Session(
            id: .version7(at: now),
            userID: user.userID,
            role: user.role,
            familySecret: SecureRandom.bytes(32),
            generation: 0,
            createdAt: now,
            refreshedAt: now,
            expiresAt: now.adding(seconds: min(policy.idleSeconds, policy.absoluteSeconds)),
            addressPrefix: client.addressPrefix,
            userAgent: client.userAgent,
            hasSecondFactor: hasSecondFactor
        )
        try transaction.execute("DELETE FROM throttles WHERE key = \(bucket)")
        let extra = try SessionRows.active(transaction.connection, of: user.userID)
            .dropFirst(policy.sessionsPerUser - 1)
        for old in extra {
            try Audit.record(transaction, TokenRevoked.self, old, reason: "too_many", at: now, client)
            try SessionRows.end(transaction, old, reason: "too_many", at: now, client)
        }
        try SessionRows.insert(transaction, session)
        try Audit.record(transaction, LoginSucceeded.self, session, at: now, client)
        return session
    }

    // MARK: Throttles

    static func throttle(_ connection: Connection, _ key: String) throws -> Throttle.State? {
        try connection.first("SELECT failures, last_failure, blocked_until FROM throttles WHERE key = \(key)") { row in
            Throttle.State(failures: try row[0], lastFailure: try row[1], blockedUntil: try row[2])
        }
    }

    /// Counts a failure; the end of the wait when one begins by it, nil when none does or one had been served before.
    @discardableResult
    static func fail(
        _ transaction: borrowing Transaction,
        _ key: String,
        _ throttle: Throttle,
        _ now: Timestamp
    ) throws -> Timestamp? {
        let old = try Self.throttle(transaction.connection, key)
        let state = throttle.failing(old, at: now)
        try transaction.execute(
            """
            INSERT OR REPLACE INTO throttles (key, failures, last_failure, blocked_until)
            VALUES (\(key), \(state.failures), \(state.lastFailure), \(state.blockedUntil))
            """
        )
        let wasLocked = state.failures > 1 && old.map { $0.blockedUntil > $0.lastFailure } ?? false
        return state.blockedUntil > now && !wasLocked ? state.blockedUntil : nil
    }
}
