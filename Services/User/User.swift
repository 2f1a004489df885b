import Contracts
import System

/// An account as its owner and admins see it. The password is kept apart and never leaves the store with it.
struct User: Sendable, Equatable {
    let id: Identifier
    var email: EmailAddress
    /// When a mail has proved that the address is the user's; nil before.
    var emailVerifiedAt: Timestamp?
    var handle: Handle
    var displayName: DisplayName
    var locale: Locale
    var role: Role
    /// Set while the account is suspended.
    var ban: Ban?
    let createdAt: Timestamp
    /// Grows by one with each change: the ETag and the sequence of the account's events.
    var version: Int64

    /// A suspension.
    struct Ban: Sendable, Equatable {
        let since: Timestamp
        let reason: String
        /// When it ends by itself; nil until an admin lifts it.
        var until: Timestamp?
    }

    /// The whole profile as other services get it.
    var profile: UserProfile {
        UserProfile(
            userID: id,
            email: email.text,
            handle: handle.text,
            displayName: displayName.text,
            locale: locale.rawValue,
            role: role
        )
    }
}

/// What a user wants of another.
enum Relation: String, Sendable, CaseIterable {
    /// Nothing at all: neither messages nor comments.
    case block
    /// No notifications.
    case mute

    /// People one user may block, and may mute.
    static let limit = 5000
}

/// The languages that texts exist in.
enum Locale: String, Sendable, CaseIterable {
    case vi, en

    /// What is taken when nothing is said: the cinema's own.
    static let standard = Locale.vi
}

/// A change of one's own profile; nil members stay as they are.
struct ProfileChange: Sendable, Equatable {
    var handle: Handle?
    var displayName: DisplayName?
    var locale: Locale?

    /// The user after the change; the same version when nothing differs.
    func applied(to user: User) -> User {
        var changed = user
        changed.handle = handle ?? user.handle
        changed.displayName = displayName ?? user.displayName
        changed.locale = locale ?? user.locale
        if changed != user { changed.version += 1 }
        return changed
    }
}
