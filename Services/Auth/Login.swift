import Contracts
import ServiceKit

/// A log-in from its credentials to its session: throttle, check, count or begin.
struct Login: Sendable {
    static let emailLimit = 320
    static let passwordLimit = 1024

    let store: AuthStore
    let issuer: TokenIssuer
    let credentials: CredentialVerifier
    let secrets: AuthSecrets

    /// Throws ``Problem``: `rate_limited` (never saying by which of the two limits), `invalid_credentials`, `user_banned`,
    /// `unavailable`.
    func begin(email: String, password: String, address: String, client: Client) async throws -> TokenAnswer {
        guard (1...Self.emailLimit).contains(email.utf8.count) else {
            throw Problem.invalid("/email", "1 to 320 bytes")
        }
        guard (1...Self.passwordLimit).contains(password.utf8.count) else {
            throw Problem.invalid("/password", "1 to 1024 bytes")
        }
        let account = "account:" + secrets.accountName(email: email)
        let source = "address:" + address
        if let seconds = try await store.loginWait(account: account, address: source) {
            throw Problem(.rateLimited, retryAfter: seconds)
        }
        let user: VerifiedCredentials
        do {
            user = try await credentials.verify(email: email, password: password)
        } catch let problem as Problem where problem.code == .invalidCredentials || problem.code == .userBanned {
            try await store.loginFailed(
                account: account,
                address: source,
                client: client,
                reason: problem.code.rawValue
            )
            throw problem
        }
        let session = try await store.begin(user, account: account, client: client)
        return try issuer.tokens(for: session, at: session.createdAt)
    }
}
