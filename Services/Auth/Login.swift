import Contracts
import ServiceKit
import System

/// A log-in from its credentials to its session: throttle, check, count or begin.
struct Login: Sendable {
    static let emailLimit = 320
    static let passwordLimit = 1024

    let store: AuthStore
    let issuer: TokenIssuer
    let credentials: CredentialVerifier
    let secrets: AuthSecrets

    /// Throws ``RateLimited`` (never saying by which of the two limits), or ``Problem``: `invalid_credentials`,
    /// `user_banned`, `unavailable`.
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
            throw store.limits.refusal(seconds: seconds)
        }
        switch try await credentials.verify(email: email, password: password) {
        case .refused(let problem, let userID):
            let failure = FailedLogin(account: account, address: source, userID: userID, reason: problem.code.rawValue)
            try await store.loginFailed(failure, client: client)
            throw problem
        case .right(let user):
            let session = try await store.begin(user, account: account, client: client)
            return try issuer.tokens(for: session, at: session.createdAt)
        }
    }
}

/// A log-in that User refused.
struct FailedLogin: Sendable {
    /// The throttle of the account, by the address's HMAC.
    var account: String
    /// The throttle of the network it came from.
    var address: String
    /// Whose account it is; nil when nobody has the address.
    var userID: Identifier?
    /// The refusal's code.
    var reason: String
}
