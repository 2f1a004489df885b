/// Why something about an account is refused.
enum UserError: Error, Sendable, Equatable {
    /// There is no such account.
    case notFound
    /// Another account has the address.
    case emailTaken
    /// Another account has the handle.
    case handleTaken
    /// Address or password is wrong.
    case invalidCredentials
    /// The account is suspended.
    case banned
    /// The account has changed since the caller read it.
    case changedMeanwhile
    /// The password will not do.
    case weakPassword(Passwords.Weakness)
    /// The last admin would be gone.
    case lastAdmin
    /// Nobody blocks or mutes themselves.
    case targetIsSelf
    /// More people are blocked or muted than allowed.
    case tooManyRelations
}
