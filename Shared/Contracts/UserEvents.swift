public import EventBus
public import System

/// An account was made (`user.registered`). Names and addresses travel only in ``UserProfile``.
public struct UserRegistered: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "user.registered"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.userEvents
    /// See ``EventPayload/source``.
    public static let source = "/user"

    /// The new user.
    public var userID: Identifier
    /// BCP 47, such as `vi`.
    public var locale: String
    /// The user's role.
    public var role: Role
    /// When the account was made.
    public var timestamp: Timestamp

    /// Makes the event.
    public init(userID: Identifier, locale: String, role: Role, timestamp: Timestamp) {
        self.userID = userID
        self.locale = locale
        self.role = role
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case locale, role, timestamp
    }
}

/// A change of an account that its id, role and, for blocks and mutes, the other person's id describe.
public struct UserChange<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .userEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/user" }

    /// The user whose account changed.
    public var userID: Identifier
    /// The user who is blocked or muted.
    public var targetID: Identifier?
    /// The admin who changed another's role, or suspended them.
    public var actorID: Identifier?
    /// The role after a change of role.
    public var role: Role?
    /// Why, for a ban.
    public var reason: String?
    /// When a ban ends by itself.
    public var until: Timestamp?
    /// The erasure that a deletion began, or that a receipt is for.
    public var erasureID: Identifier?
    /// The service that gives a receipt.
    public var service: String?
    /// When it happened.
    public var timestamp: Timestamp

    /// Makes the event.
    public init(
        userID: Identifier,
        targetID: Identifier? = nil,
        actorID: Identifier? = nil,
        role: Role? = nil,
        reason: String? = nil,
        until: Timestamp? = nil,
        erasureID: Identifier? = nil,
        service: String? = nil,
        timestamp: Timestamp
    ) {
        self.userID = userID
        self.targetID = targetID
        self.actorID = actorID
        self.role = role
        self.reason = reason
        self.until = until
        self.erasureID = erasureID
        self.service = service
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case targetID = "target_id"
        case actorID = "actor_id"
        case erasureID = "erasure_id"
        case role, reason, until, service, timestamp
    }
}

/// The whole current profile of a user (`user-profiles`); a tombstone when the user was erased.
public struct UserProfile: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "user.profile"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.userProfiles
    /// See ``EventPayload/source``.
    public static let source = "/user"

    /// The user.
    public var userID: Identifier
    /// The verified or given address.
    public var email: String
    /// The unique name.
    public var handle: String
    /// The name shown to others.
    public var displayName: String
    /// BCP 47, such as `vi`.
    public var locale: String
    /// The user's role.
    public var role: Role

    /// Makes a profile.
    public init(
        userID: Identifier,
        email: String,
        handle: String,
        displayName: String,
        locale: String,
        role: Role
    ) {
        self.userID = userID
        self.email = email
        self.handle = handle
        self.displayName = displayName
        self.locale = locale
        self.role = role
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case displayName = "display_name"
        case email, handle, locale, role
    }
}

/// What a user may do; each service decides by it.
public enum Role: String, Codable, Sendable, CaseIterable {
    /// Everybody.
    case user
    /// May check tickets in.
    case staff
    /// May hide and restore what people wrote.
    case moderator
    /// May do everything.
    case admin
}
