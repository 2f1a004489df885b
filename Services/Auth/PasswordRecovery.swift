import Contracts
import Mailing
import Persistence
import Security
import ServiceKit
import System

/// A password that is set anew by a secret in a mail (OWASP, "Forgot Password"). Whoever asks learns nothing: the request
/// does the same work for every address, and what follows from it is done later.
struct PasswordRecovery: Sendable {
    /// The life of a secret.
    static let lifeSeconds: Int64 = 30 * 60
    /// The mails that one account gets within ``countedSeconds``.
    static let mailLimit = 3
    static let countedSeconds: Int64 = 3600
    /// For so long a secret belongs to the request that uses it: longer than User may take.
    private static let claimSeconds: Int64 = 10
    private static let tokenLimit = 128
    private static let batch = 32

    let store: AuthStore
    let secrets: AuthSecrets
    let credentials: CredentialVerifier
    let mails: MailQueue
    /// Wakes the queue of mails.
    let mailWork: DueWork
    /// Where people's browsers find the product.
    let publicURL: String

    // MARK: Asking

    /// Notes that somebody wants to set the password of an address. Throws ``Problem`` `invalid_request`.
    func request(email: String, client: Client) async throws {
        guard (1...Login.emailLimit).contains(email.utf8.count) else {
            throw Problem.invalid("/email", "1 to \(Login.emailLimit) bytes")
        }
        let request = PasswordResetRows.Request(
            id: .version7(at: store.clock.now),
            account: secrets.accountName(email: email),
            client: client
        )
        try await store.database.write { try PasswordResetRows.insert($0, request) }
    }

    /// Makes the secrets and mails that were asked for; see ``DueWork/Step``.
    @Sendable func step(at now: Timestamp) async throws -> Timestamp? {
        let count = try await store.database.write(priority: .background) { transaction in
            let requests = try PasswordResetRows.take(transaction, limit: Self.batch)
            for request in requests { try answer(request, transaction, now) }
            return requests.count
        }
        if count > 0 { mailWork.wake() }
        return count == Self.batch ? now : nil
    }

    private func answer(
        _ request: PasswordResetRows.Request,
        _ transaction: borrowing Transaction,
        _ now: Timestamp
    ) throws {
        let connection = transaction.connection
        // The mail goes to the address of the account, whatever spelling was typed.
        guard let userID = try AccountRows.owner(connection, named: request.account),
            let account = try AccountRows.find(connection, userID, secrets)
        else { return }
        let recent = now.adding(seconds: -Self.countedSeconds)
        guard try PasswordResetRows.count(connection, of: userID, after: recent) < Self.mailLimit else { return }
        let token = SecureRandom.token()
        let end = now.adding(seconds: Self.lifeSeconds)
        try PasswordResetRows.insert(transaction, token: token, of: userID, at: now, expiresAt: end)
        let mail = ResetMail(token: token, publicURL: publicURL, locale: account.locale).mail(to: account.email)
        try mails.add(mail, id: request.id, owner: userID, expiresAt: end, transaction)
        try Audit.record(transaction, PasswordResetRequested(userID: userID, timestamp: now), request.client)
    }

    /// Ends what is on its way to an address: who reads the mails of the old one must not set the password.
    static func forget(_ userID: Identifier, _ transaction: borrowing Transaction) throws {
        try PasswordResetRows.forget(transaction, of: userID)
        try MailQueue.forget(userID, transaction)
    }

    // MARK: Setting

    /// Sets the password and ends every session. Throws ``Problem``: `invalid_link` for a secret that is not good (any more),
    /// `weak_password` (the secret stays good), `unavailable` when User gives no answer.
    func set(token: String, password: String, client: Client) async throws {
        guard (1...Login.passwordLimit).contains(password.utf8.count) else {
            throw Problem.invalid("/new_password", "1 to \(Login.passwordLimit) bytes")
        }
        guard token.utf8.count <= Self.tokenLimit else { throw Problem(.invalidLink) }
        let now = store.clock.now
        let userID = try await store.database.write { transaction in
            let end = now.adding(seconds: Self.claimSeconds)
            return try PasswordResetRows.claim(transaction, token: token, at: now, until: end)
        }
        guard let userID else { throw Problem(.invalidLink) }
        do {
            try await credentials.set(password, of: userID)
        } catch {
            try await store.database.write { try PasswordResetRows.release($0, token: token) }
            throw error
        }
        try await finish(userID, client)
    }

    private func finish(_ userID: Identifier, _ client: Client) async throws {
        let now = store.clock.now
        try await store.database.write { transaction in
            try Self.forget(userID, transaction)
            try SecondFactorRows.forgetChallenges(transaction, of: userID)
            try Audit.record(transaction, PasswordReset(userID: userID, timestamp: now), client)
            for session in try SessionRows.active(transaction.connection, of: userID) {
                try Audit.record(transaction, TokenRevoked.self, session, reason: "password_reset", at: now, client)
                try SessionRows.end(transaction, session, reason: "password_reset", at: now, client)
            }
        }
    }
}
