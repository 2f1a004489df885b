import Contracts
import ServiceKit
import System

/// A log-in from its credentials to its session, or to the question for a second factor: throttle, check, count or begin.
struct Login: Sendable {
    static let emailLimit = 320
    static let passwordLimit = 1024

    let store: AuthStore
    let credentials: CredentialVerifier
    let secrets: AuthSecrets

    /// Who tries to log in, and from where.
    struct Attempt: Sendable {
        var email: String
        var password: String
        /// The address as limits count it.
        var address: String
        /// `Cookie`, which may hold a ``DeviceCookie``.
        var cookies: String?
    }

    /// Throws ``RateLimited`` (never saying by which of the two limits), or ``Problem``: `invalid_credentials`,
    /// `user_banned`, `unavailable`.
    func begin(_ attempt: Attempt, client: Client) async throws -> (AuthStore.LoginResult, account: String) {
        guard (1...Self.emailLimit).contains(attempt.email.utf8.count) else {
            throw Problem.invalid("/email", "1 to 320 bytes")
        }
        guard (1...Self.passwordLimit).contains(attempt.password.utf8.count) else {
            throw Problem.invalid("/password", "1 to 1024 bytes")
        }
        let account = Self.bucket(secrets.accountName(email: attempt.email))
        let device = DeviceCookie(attempt.cookies, account: account, key: secrets.devices, at: store.clock.now)
        let source = "address:" + attempt.address
        let bucket = device?.bucket ?? account
        if let seconds = try await store.loginWait(bucket: bucket, address: source) {
            throw store.limits.refusal(seconds: seconds)
        }
        switch try await credentials.verify(email: attempt.email, password: attempt.password) {
        case .refused(let problem, let userID):
            let failure = FailedLogin(
                account: account,
                address: source,
                device: device?.bucket,
                userID: userID,
                reason: problem.code.rawValue
            )
            try await store.loginFailed(failure, client: client)
            throw problem
        case .right(let user):
            return (try await store.begin(user, account: account, bucket: bucket, client: client), account)
        }
    }

    /// Where the failures of an account are counted.
    private static func bucket(_ name: String) -> String { "account:" + name }
}

/// A log-in that was refused.
struct FailedLogin: Sendable {
    /// The throttle of the account, by the address's HMAC.
    var account: String
    /// The throttle of the network it came from.
    var address: String
    /// The throttle of a device that is known to the account, in place of the account's.
    var device: String?
    /// Whose account it is; nil when nobody has the address.
    var userID: Identifier?
    /// The refusal's code.
    var reason: String

    /// Where it counts beside the address.
    var bucket: String { device ?? account }
}
