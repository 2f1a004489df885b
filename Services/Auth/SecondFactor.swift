import Contracts
import EventBus
import Persistence
import Security
import ServiceKit
import System

/// The second factor of log-ins: codes of an authenticator app, and recovery codes for who has lost it.
struct SecondFactor: Sendable {
    /// Wrong codes of one user, over all their log-ins: guessing six digits takes years. Only who knows the password can
    /// use it up.
    static let throttle = Throttle(allowance: 5, window: 900)
    /// Why a second factor ended that its owner did not end.
    static let removedByAdmin = "removed_by_admin"

    let store: AuthStore
    let secrets: AuthSecrets
    /// Lets a user's password be all that log-ins ask, or throws ``Problem`` `password_too_short`.
    let letPasswordStandAlone: @Sendable (Identifier) async throws -> Void

    // MARK: Setting up

    /// What an authenticator app is told.
    struct Enrolment: Encodable, Sendable {
        let secret: String
        let address: String

        enum CodingKeys: String, CodingKey {
            case secret
            case address = "otpauth_url"
        }
    }

    /// Makes a secret; log-ins need it once a code has shown that the app has it. Throws ``Problem`` `conflict` when there
    /// is a second factor.
    func enrol(_ userID: Identifier) async throws -> Enrolment {
        let (now, secrets) = (store.clock.now, secrets)
        let totp = TOTP(secret: SecureRandom.bytes(TOTP.secretLength))
        let sealed = try secrets.secondFactors.seal(totp.secret, context: userID.bytes)
        let account = try await store.database.write { transaction in
            guard try SecondFactorRows.find(transaction.connection, of: userID)?.isConfirmed != true else {
                throw Problem(.conflict, "there is a second factor")
            }
            guard try !transaction.connection.isErased(userID) else { throw Problem(.tokenRevoked) }
            try SecondFactorRows.insert(transaction, of: userID, sealed: sealed, at: now)
            return try AccountRows.find(transaction.connection, userID, secrets)
        }
        let label = account?.email ?? userID.description
        return Enrolment(secret: Base32.encode(totp.secret), address: totp.address(label: label))
    }

    /// Confirms the secret by a code and gives the recovery codes, this once. Throws ``Problem``: `invalid_code`, `conflict`
    /// when nothing waits to be confirmed; ``RateLimited``.
    func confirm(_ code: String, _ token: AccessToken, client: Client) async throws -> [String] {
        let (now, userID) = (store.clock.now, token.userID)
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode() }
        let outcome = try await store.database.write { transaction -> Outcome<[String]> in
            let factor = try SecondFactorRows.find(transaction.connection, of: userID)
            guard let factor, !factor.isConfirmed else {
                return .refused(Problem(.conflict, "no second factor waits to be confirmed"))
            }
            if let seconds = try wait(of: userID, transaction, now) { return .wait(seconds) }
            guard try accepts(.code(code), of: userID, factor, transaction, now, client) else {
                try AuthStore.fail(transaction, Self.key(userID), Self.throttle, now)
                return .refused(Problem(.invalidCode))
            }
            try SecondFactorRows.confirm(transaction, of: userID, at: now)
            for code in codes {
                let digest = code.digest(key: secrets.recoveryCodes)
                try SecondFactorRows.insert(transaction, recoveryCode: digest, of: userID)
            }
            try SessionRows.setSecondFactor(transaction, token.sessionID)
            let entry = MFAEnabled(userID: userID, sessionID: token.sessionID, timestamp: now)
            try Audit.record(transaction, entry, client)
            return .done(codes.map(\.text))
        }
        return try value(of: outcome)
    }

    /// Ends the second factor, by a session that has shown it. Throws ``Problem``: `not_found`, `mfa_required`,
    /// `password_too_short`.
    func remove(_ token: AccessToken, client: Client) async throws {
        let (now, userID) = (store.clock.now, token.userID)
        let isNeeded = try await store.database.read { try Self.isNeeded(token, $0, at: now) }
        if isNeeded { try await letPasswordStandAlone(userID) }
        try await store.database.write { transaction in
            if try Self.isNeeded(token, transaction.connection, at: now) {
                let entry = MFADisabled(userID: userID, sessionID: token.sessionID, timestamp: now)
                try Audit.record(transaction, entry, client)
            }
            try end(of: userID, transaction)
        }
    }

    /// Whether log-ins need the factor that a session wants to end; throws when it may not.
    private static func isNeeded(_ token: AccessToken, _ connection: Connection, at now: Timestamp) throws -> Bool {
        guard let factor = try SecondFactorRows.find(connection, of: token.userID) else { throw Problem(.notFound) }
        guard factor.isConfirmed else { return false }
        let session = try SessionRows.find(connection, token.sessionID, activeAt: now)
        guard session?.hasSecondFactor == true else { throw Problem(.mfaRequired) }
        return true
    }

    /// Ends the second factor of somebody who has lost it, by an admin who has made sure of who asks; the owner is told. An
    /// admin's own is not ended so: that would spare them showing it. Throws ``Problem``: `forbidden`, `not_found`,
    /// `password_too_short`: its owner sets a longer one by mail first.
    func remove(of userID: Identifier, by admin: AccessToken, client: Client) async throws {
        guard userID != admin.userID else {
            throw Problem(.forbidden, "one's own second factor is ended by showing it")
        }
        let now = store.clock.now
        let isNeeded = try await store.database.read { try SecondFactorRows.find($0, of: userID)?.isConfirmed == true }
        guard isNeeded else { throw Problem(.notFound) }
        try await letPasswordStandAlone(userID)
        try await store.database.write { transaction in
            let factor = try SecondFactorRows.find(transaction.connection, of: userID)
            guard factor?.isConfirmed == true else { throw Problem(.notFound) }
            var entry = MFADisabled(userID: userID, reason: Self.removedByAdmin, timestamp: now)
            entry.actorID = admin.userID
            // The trail is the owner's: the admin's address and device stay out of it.
            try Audit.record(
                transaction,
                entry,
                Client(addressPrefix: "", userAgent: "", traceparent: client.traceparent)
            )
            try end(of: userID, transaction)
        }
    }

    private func end(of userID: Identifier, _ transaction: borrowing Transaction) throws {
        try SecondFactorRows.remove(transaction, of: userID)
        try SecondFactorRows.forgetChallenges(transaction, of: userID)
        try transaction.execute("DELETE FROM throttles WHERE key = \(Self.key(userID))")
    }

    /// Whether log-ins need a second factor, and how many recovery codes are left.
    struct Status: Encodable, Sendable {
        let enabled: Bool
        let recoveryCodesLeft: Int

        enum CodingKeys: String, CodingKey {
            case enabled
            case recoveryCodesLeft = "recovery_codes_left"
        }
    }

    func status(of userID: Identifier) async throws -> Status {
        try await store.database.read { connection in
            Status(
                enabled: try SecondFactorRows.find(connection, of: userID)?.isConfirmed == true,
                recoveryCodesLeft: try SecondFactorRows.recoveryCodesLeft(connection, of: userID)
            )
        }
    }

    // MARK: Log-in

    /// What somebody shows.
    enum Proof: Sendable {
        case code(String)
        case recoveryCode(String)
    }

    /// Completes a log-in whose password was right; also says the account's name. Throws ``Problem``: `invalid_mfa_token`,
    /// `invalid_code`; ``RateLimited``.
    func logIn(
        _ token: String,
        _ proof: Proof,
        address: String,
        client: Client
    ) async throws -> (session: Session, account: String) {
        let now = store.clock.now
        let outcome = try await store.database.write { transaction -> Outcome<(session: Session, account: String)> in
            let connection = transaction.connection
            guard let challenge = try SecondFactorRows.challenge(connection, token: token, at: now),
                let factor = try SecondFactorRows.find(connection, of: challenge.userID), factor.isConfirmed
            else { return .refused(Problem(.invalidMFAToken)) }
            let user = VerifiedCredentials(userID: challenge.userID, role: challenge.role)
            if let seconds = try wait(of: user.userID, transaction, now) { return .wait(seconds) }
            guard try accepts(proof, of: user.userID, factor, transaction, now, client) else {
                try refuse(challenge, token, address, transaction, now, client)
                return .refused(Problem(.invalidCode))
            }
            try SecondFactorRows.end(transaction, token: token)
            try transaction.execute("DELETE FROM throttles WHERE key = \(Self.key(user.userID))")
            let bucket = challenge.bucket
            let session = try store.open(transaction, user, bucket: bucket, hasSecondFactor: true, now, client)
            return .done((session, challenge.account))
        }
        return try value(of: outcome)
    }

    private func refuse(
        _ challenge: LoginChallenge,
        _ token: String,
        _ address: String,
        _ transaction: borrowing Transaction,
        _ now: Timestamp,
        _ client: Client
    ) throws {
        try SecondFactorRows.countFailure(transaction, token: token)
        try AuthStore.fail(transaction, Self.key(challenge.userID), Self.throttle, now)
        let failure = FailedLogin(
            account: challenge.account,
            address: address,
            device: challenge.bucket == challenge.account ? nil : challenge.bucket,
            userID: challenge.userID,
            reason: ErrorCode.invalidCode.rawValue
        )
        try store.fail(transaction, failure, now, client)
    }

    // MARK: Judging

    /// What came of a proof, decided in one transaction: what a refusal counts must last.
    private enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        case refused(Problem)
        case wait(Int)
    }

    private func value<Value>(of outcome: Outcome<Value>) throws -> Value {
        switch outcome {
        case .done(let value): return value
        case .refused(let problem): throw problem
        case .wait(let seconds): throw store.limits.refusal(seconds: seconds)
        }
    }

    private static func key(_ userID: Identifier) -> String { "second-factor:\(userID)" }

    private func wait(of userID: Identifier, _ transaction: borrowing Transaction, _ now: Timestamp) throws -> Int? {
        Throttle.wait(try AuthStore.throttle(transaction.connection, Self.key(userID)), at: now)
    }

    /// Whether a proof is good; it is used up by that.
    private func accepts(
        _ proof: Proof,
        of userID: Identifier,
        _ factor: StoredFactor,
        _ transaction: borrowing Transaction,
        _ now: Timestamp,
        _ client: Client
    ) throws -> Bool {
        switch proof {
        case .code(let code):
            let totp = TOTP(secret: try secrets.secondFactors.open(factor.sealed, context: userID.bytes))
            guard let step = totp.step(of: code, at: now, after: factor.lastStep) else { return false }
            try SecondFactorRows.use(transaction, step: step, of: userID)
        case .recoveryCode(let text):
            guard let digest = RecoveryCode(text)?.digest(key: secrets.recoveryCodes),
                try SecondFactorRows.take(transaction, recoveryCode: digest, of: userID)
            else { return false }
            try Audit.record(transaction, RecoveryCodeUsed(userID: userID, timestamp: now), client)
        }
        return true
    }
}
