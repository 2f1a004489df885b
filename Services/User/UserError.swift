import Persistence
import System

/// Why something about an account is refused.
enum UserError: Error, Sendable, Equatable {
    /// There is no such account.
    case notFound
    /// Another account has the address.
    case emailTaken
    /// Another account has the handle.
    case handleTaken
    /// The address is nobody's (nil), or the password is not the one of the account.
    case invalidCredentials(of: Identifier?)
    /// The account is suspended.
    case banned(Identifier)
    /// The account has changed since the caller read it.
    case changedMeanwhile
    /// The secret was used, has expired or never was.
    case secretIsGone
    /// The address is the account's, and proved.
    case nothingToConfirm
    /// Something was done too often.
    case tooMany(Allowance, seconds: Int)
    /// The password will not do.
    case weakPassword(Passwords.Weakness)
    /// The password is good only beside a second factor.
    case passwordTooShort
    /// Passwords cannot be checked against the hash.
    case unknownHash
    /// The last admin would be gone.
    case lastAdmin
    /// Nobody blocks or mutes themselves.
    case targetIsSelf
    /// More people are blocked or muted than allowed.
    case tooManyRelations
}

extension UserError {
    /// Which name is taken, when a constraint says that one is.
    init?(_ error: DatabaseError) {
        switch error.constraint {
        case "users.email": self = .emailTaken
        case "users.handle", "users.handle_key": self = .handleTaken
        default: return nil
        }
    }
}
