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
    let limits: LoginLimits
    let clock: WallClock

    // MARK: Refresh

    /// What came of a refresh token, decided and told in one transaction.
    private enum Refresh {
        case session(Session)
        case refused(ErrorCode)
    }

    /// Exchanges a refresh token. Throws ``Problem`` `invalid_refresh_token`, or `refresh_token_reused` after the whole
    /// family has ended.
    func refresh(_ token: RefreshToken, secret: [UInt8], client: Client) async throws -> Session {
        let now = clock.now
        let outcome = try await database.write { transaction -> Refresh in
            guard let session = try SessionRows.find(transaction.connection, token.sessionID, activeAt: now) else {
                return try Self.refuse(transaction, token, "session_ended", now, client)
            }
            guard token.isAuthentic(familySecret: session.familySecret, secret: secret) else {
                return try Self.refuse(transaction, token, "forged_refresh_token", now, client)
            }
            return try exchange(token, of: session, transaction, now, client)
        }
        switch outcome {
        case .session(let session): return session
        case .refused(let code): throw Problem(code)
        }
    }

    private func exchange(
        _ token: RefreshToken,
        of session: Session,
        _ transaction: borrowing Transaction,
        _ now: Timestamp,
        _ client: Client
    ) throws -> Refresh {
        var session = session
        switch session.verdict(generation: token.generation, at: now) {
        case .unknown: return try Self.refuse(transaction, token, "forged_refresh_token", now, client)
        case .repeatSuccessor: return .session(session)
        case .reused:
            try Audit.record(transaction, TokenRevoked.self, session, reason: "reuse_detected", at: now, client)
            try SessionRows.end(transaction, session, reason: "reuse_detected", at: now, client)
            return .refused(.refreshTokenReused)
        case .advance:
            session.generation += 1
            session.refreshedAt = now
            session.expiresAt = session.expiry(usedAt: now, policy)
            try SessionRows.advance(transaction, session)
            try Audit.record(transaction, TokenRefreshed.self, session, at: now, client)
            return .session(session)
        }
    }

    /// Tells the session's user of a refresh that was refused; a token of no session at all is nobody's, and is not told.
    private static func refuse(
        _ transaction: borrowing Transaction,
        _ token: RefreshToken,
        _ reason: String,
        _ now: Timestamp,
        _ client: Client
    ) throws -> Refresh {
        if let owner = try SessionRows.owner(transaction.connection, of: token.sessionID) {
            var denied = AccessDenied(userID: owner, sessionID: token.sessionID, timestamp: now)
            denied.reason = reason
            try Audit.record(transaction, denied, client)
        }
        return .refused(.invalidRefreshToken)
    }

    /// Tells that a good token asked for what is not its user's.
    func denied(_ token: AccessToken, _ reason: String, client: Client) async throws {
        let now = clock.now
        try await database.write { try Self.deny($0, token, reason, now, client) }
    }

    private static func deny(
        _ transaction: borrowing Transaction,
        _ token: AccessToken,
        _ reason: String,
        _ now: Timestamp,
        _ client: Client
    ) throws {
        var denied = AccessDenied(userID: token.userID, sessionID: token.sessionID, timestamp: now)
        denied.reason = reason
        try Audit.record(transaction, denied, client)
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

    /// Ends one session of the token's user; false when there is no such one.
    func revoke(_ sessionID: Identifier, for token: AccessToken, client: Client) async throws -> Bool {
        let now = clock.now
        return try await database.write { transaction in
            let session = try SessionRows.find(transaction.connection, sessionID, activeAt: now)
            guard let session, session.userID == token.userID else {
                if session != nil { try Self.deny(transaction, token, "session_of_another", now, client) }
                return false
            }
            try Audit.record(transaction, TokenRevoked.self, session, reason: "revoked", at: now, client)
            try SessionRows.end(transaction, session, reason: "revoked", at: now, client)
            return true
        }
    }

    /// Ends sessions whose refresh life is over, and forgets what is older than anybody asks for.
    func sweep() async throws {
        let (now, limits) = (clock.now, limits.current)
        try await database.write(priority: .background) { transaction in
            for session in try SessionRows.expired(transaction, at: now, limit: Self.sweepBatch) {
                try Audit.record(transaction, TokenExpired.self, session, at: now, .none)
                try SessionRows.markEnded(transaction, session, reason: "expired", at: now)
            }
            let windows = [limits.account.window, limits.address.window, SecondFactor.throttle.window]
            let forgotten = now.adding(seconds: -2 * (windows.max() ?? 0))
            try transaction.execute("DELETE FROM throttles WHERE last_failure < \(forgotten)")
            let endedBefore = now.adding(seconds: -SessionPolicy.endedRetentionSeconds)
            try SessionRows.forget(transaction, endedBefore: endedBefore, limit: Self.sweepBatch)
            let auditedBefore = now.adding(seconds: -Audit.retentionSeconds)
            try Audit.forget(transaction, before: auditedBefore, limit: Self.sweepBatch)
            try SecondFactorRows.forgetChallenges(transaction, before: now)
            try PasswordResetRows.forget(transaction, before: now)
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
}

/// Who is at the other end, as far as logs and events may say it.
struct Client: Sendable {
    static let userAgentLimit = 200
    static let none = Client(addressPrefix: "", userAgent: "", traceparent: nil)

    var addressPrefix: String
    var userAgent: String
    var traceparent: String?
}
