import Contracts
import EventBus
import Persistence
import Security
import ServiceKit
import System

/// Sessions, throttles and the audit trail in SQLite. Every act and its event are one transaction.
struct AuthStore: Sendable {
    private static let sweepBatch = 100

    let database: Database
    let policy: SessionPolicy
    let clock: WallClock

    // MARK: Log-in

    /// Seconds until the account and the address may try again; nil when now.
    func loginWait(account: String, address: String) async throws -> Int? {
        let now = clock.now
        return try await database.read { connection in
            let waits = try [account, address].compactMap { key in
                Throttle.wait(try Self.throttle(connection, key), at: now)
            }
            return waits.max()
        }
    }

    /// Counts a failed log-in for both the account and the address, and says when it was one too many.
    func loginFailed(account: String, address: String, client: Client, reason: String) async throws {
        let (now, policy) = (clock.now, policy)
        try await database.write { transaction in
            try Self.fail(transaction, address, policy.address, now)
            let state = try Self.fail(transaction, account, policy.account, now)
            let failed = LoginFailed(
                account: account,
                addressPrefix: client.addressPrefix,
                userAgent: client.userAgent,
                reason: reason,
                timestamp: now
            )
            try transaction.publish(Event(failed, at: now, traceparent: client.traceparent))
            guard state.failures >= policy.account.allowance, state.blockedUntil > now else { return }
            let locked = AccountLocked(
                account: account,
                addressPrefix: client.addressPrefix,
                until: state.blockedUntil,
                timestamp: now
            )
            try transaction.publish(Event(locked, at: now, traceparent: client.traceparent))
        }
    }

    /// Begins a session; the account's failures are forgotten.
    func begin(_ user: VerifiedCredentials, account: String, client: Client) async throws -> Session {
        let (now, policy) = (clock.now, policy)
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
            userAgent: client.userAgent
        )
        try await database.write { transaction in
            try transaction.execute("DELETE FROM throttles WHERE key = \(account)")
            let extra = try SessionRows.active(transaction.connection, of: user.userID)
                .dropFirst(SessionPolicy.sessionsPerUser - 1)
            for old in extra { try SessionRows.end(transaction, old, reason: "too_many", at: now, client) }
            try SessionRows.insert(transaction, session)
            try Audit.record(transaction, LoginSucceeded.self, session, at: now, client)
        }
        return session
    }

    // MARK: Refresh

    /// Exchanges a refresh token. Throws ``Problem`` `invalid_refresh_token`, or `refresh_token_reused` after the whole
    /// family has ended.
    func refresh(_ token: RefreshToken, secret: [UInt8], client: Client) async throws -> Session {
        let (now, policy) = (clock.now, policy)
        let session = try await database.write { transaction -> Session? in
            guard var session = try SessionRows.find(transaction.connection, token.sessionID, activeAt: now),
                token.isAuthentic(familySecret: session.familySecret, secret: secret)
            else { throw Problem(.invalidRefreshToken) }
            switch session.verdict(generation: token.generation, at: now) {
            case .unknown: throw Problem(.invalidRefreshToken)
            case .repeatSuccessor: return session
            case .reused:
                try Audit.record(transaction, TokenRevoked.self, session, reason: "reuse_detected", at: now, client)
                try SessionRows.end(transaction, session, reason: "reuse_detected", at: now, client)
                return nil
            case .advance:
                session.generation += 1
                session.refreshedAt = now
                session.expiresAt = session.expiry(usedAt: now, policy)
                try SessionRows.advance(transaction, session)
                try Audit.record(transaction, TokenRefreshed.self, session, at: now, client)
                return session
            }
        }
        guard let session else { throw Problem(.refreshTokenReused) }
        return session
    }

    // MARK: Ending

    /// Which sessions a log-out ends.
    enum Scope: String, CaseIterable, Sendable {
        /// This one.
        case local
        /// All but this one.
        case others
        /// All.
        case global
    }

    /// Ends sessions of a user, seen from one of them.
    func logOut(userID: Identifier, from sessionID: Identifier, scope: Scope, client: Client) async throws {
        let now = clock.now
        try await database.write { transaction in
            for session in try SessionRows.active(transaction.connection, of: userID) {
                let isOwn = session.id == sessionID
                guard scope == .global || (scope == .local) == isOwn else { continue }
                try Audit.record(transaction, LoggedOut.self, session, reason: scope.rawValue, at: now, client)
                try SessionRows.end(transaction, session, reason: "logout", at: now, client)
            }
        }
    }

    /// Ends one session of a user; false when there is no such one.
    func revoke(_ sessionID: Identifier, of userID: Identifier, client: Client) async throws -> Bool {
        let now = clock.now
        return try await database.write { transaction in
            guard let session = try SessionRows.find(transaction.connection, sessionID, activeAt: now),
                session.userID == userID
            else { return false }
            try Audit.record(transaction, TokenRevoked.self, session, reason: "revoked", at: now, client)
            try SessionRows.end(transaction, session, reason: "revoked", at: now, client)
            return true
        }
    }

    /// Ends sessions whose refresh life is over.
    func sweep() async throws {
        let now = clock.now
        try await database.write(priority: .background) { transaction in
            for session in try SessionRows.expired(transaction.connection, at: now, limit: Self.sweepBatch) {
                try Audit.record(transaction, TokenExpired.self, session, at: now, .none)
                try SessionRows.markEnded(transaction, session, reason: "expired", at: now)
            }
            let forgotten = now.adding(seconds: -Throttle.forgetAfterSeconds - Throttle.longestWaitSeconds)
            try transaction.execute("DELETE FROM throttles WHERE last_failure < \(forgotten)")
        }
    }

    // MARK: Lists

    /// The active sessions of a user, the last used first.
    func sessions(of userID: Identifier) async throws -> [Session] {
        let now = clock.now
        return try await database.read { connection in
            try SessionRows.active(connection, of: userID).filter { $0.expiresAt > now }
        }
    }

    /// The audit trail of a user, newest first.
    func audit(of userID: Identifier, before id: Identifier?, limit: Int) async throws -> [AuditEntry] {
        try await database.read { try Audit.list($0, of: userID, before: id, limit: limit) }
    }

    // MARK: Throttles

    private static func throttle(_ connection: Connection, _ key: String) throws -> Throttle.State? {
        try connection.first("SELECT failures, last_failure, blocked_until FROM throttles WHERE key = \(key)") { row in
            Throttle.State(failures: try row[0], lastFailure: try row[1], blockedUntil: try row[2])
        }
    }

    @discardableResult
    private static func fail(
        _ transaction: borrowing Transaction,
        _ key: String,
        _ throttle: Throttle,
        _ now: Timestamp
    ) throws -> Throttle.State {
        let state = throttle.failing(try Self.throttle(transaction.connection, key), at: now)
        try transaction.execute(
            """
            INSERT OR REPLACE INTO throttles (key, failures, last_failure, blocked_until)
            VALUES (\(key), \(state.failures), \(state.lastFailure), \(state.blockedUntil))
            """
        )
        return state
    }
}

/// Who is at the other end, as far as logs and events may say it.
struct Client: Sendable {
    static let userAgentLimit = 200
    static let none = Client(addressPrefix: "", userAgent: "", traceparent: nil)

    var addressPrefix: String
    var userAgent: String
    var traceparent: String?
}
