import Security
import System

/// An address that waits for its proof: a mail went to it with a secret, which whoever reads it hands in once.
struct EmailConfirmation: Sendable, Equatable {
    /// How long a secret is good.
    static let lifetimeSeconds: Int64 = 24 * 3600

    let userID: Identifier
    let email: EmailAddress
    let expiresAt: Timestamp

    /// By what a secret is known; the secret itself is in the mail alone.
    static func digest(of secret: String) -> [UInt8] { HashFunction.sha256.digest(secret) }
}
