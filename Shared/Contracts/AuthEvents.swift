public import EventBus
public import System

/// Something Auth did or refused for an account (`auth-events`): the audit trail.
public struct AuthActivity<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .authEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/auth" }

    /// The user, or the HMAC of an address that has no account: what the record is keyed by.
    public var account: String
    /// The user, when there is one.
    public var userID: Identifier?
    /// The session concerned.
    public var sessionID: Identifier?
    /// The admin who did it, when it was not the user.
    public var actorID: Identifier?
    /// The caller's network, /24 or /48.
    public var addressPrefix: String?
    /// The caller's device as it names itself.
    public var userAgent: String?
    /// Why, in one word.
    public var reason: String?
    /// When a lock ends.
    public var until: Timestamp?
    /// When it happened.
    public var timestamp: Timestamp

    /// Makes an entry for a user.
    public init(
        userID: Identifier,
        sessionID: Identifier? = nil,
        addressPrefix: String? = nil,
        userAgent: String? = nil,
        reason: String? = nil,
        until: Timestamp? = nil,
        timestamp: Timestamp
    ) {
        self.account = userID.description
        self.userID = userID
        self.sessionID = sessionID
        self.addressPrefix = addressPrefix
        self.userAgent = userAgent
        self.reason = reason
        self.until = until
        self.timestamp = timestamp
    }

    /// Makes an entry for an address without an account; `account` is its HMAC, never the address.
    public init(
        account: String,
        addressPrefix: String? = nil,
        userAgent: String? = nil,
        reason: String? = nil,
        until: Timestamp? = nil,
        timestamp: Timestamp
    ) {
        self.account = account
        self.addressPrefix = addressPrefix
        self.userAgent = userAgent
        self.reason = reason
        self.until = until
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { account }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case sessionID = "session_id"
        case actorID = "actor_id"
        case addressPrefix = "address_prefix"
        case userAgent = "user_agent"
        case account, reason, until, timestamp
    }

    /// Written by hand: one for every refresh.
    public func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("account", account)
        object.add("actor_id", actorID)
        object.add("address_prefix", addressPrefix)
        object.add("reason", reason)
        object.add("session_id", sessionID)
        object.add("timestamp", timestamp)
        object.add("until", until)
        object.add("user_agent", userAgent)
        object.add("user_id", userID)
        return object.finish()
    }
}

/// Names of Auth's activities.
public enum AuthActivityName {
    /// `auth.login-succeeded`.
    public enum LoginSucceeded: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.login-succeeded"
    }
    /// `auth.login-failed`.
    public enum LoginFailed: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.login-failed"
    }
    /// `auth.logged-out`.
    public enum LoggedOut: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.logged-out"
    }
    /// `auth.access-denied`.
    public enum AccessDenied: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.access-denied"
    }
    /// `auth.token-refreshed`.
    public enum TokenRefreshed: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.token-refreshed"
    }
    /// `auth.token-expired`.
    public enum TokenExpired: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.token-expired"
    }
    /// `auth.token-revoked`.
    public enum TokenRevoked: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.token-revoked"
    }
    /// `auth.account-locked`.
    public enum AccountLocked: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.account-locked"
    }
    /// `auth.password-reset-requested`.
    public enum PasswordResetRequested: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.password-reset-requested"
    }
    /// `auth.password-reset`.
    public enum PasswordReset: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.password-reset"
    }
    /// `auth.mfa-enabled`.
    public enum MFAEnabled: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.mfa-enabled"
    }
    /// `auth.mfa-disabled`.
    public enum MFADisabled: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.mfa-disabled"
    }
    /// `auth.recovery-code-used`.
    public enum RecoveryCodeUsed: EventName {
        /// See ``EventName/type``.
        public static let type = "auth.recovery-code-used"
    }
}

/// A session began.
public typealias LoginSucceeded = AuthActivity<AuthActivityName.LoginSucceeded>
/// A log-in was refused.
public typealias LoginFailed = AuthActivity<AuthActivityName.LoginFailed>
/// A session was ended by its user.
public typealias LoggedOut = AuthActivity<AuthActivityName.LoggedOut>
/// A good token asked for what is not its user's, or a refresh token of an ended session or not of Auth's making came in.
public typealias AccessDenied = AuthActivity<AuthActivityName.AccessDenied>
/// A refresh token was exchanged for its successor.
public typealias TokenRefreshed = AuthActivity<AuthActivityName.TokenRefreshed>
/// A session's refresh life ended unused.
public typealias TokenExpired = AuthActivity<AuthActivityName.TokenExpired>
/// A refresh token was used a second time, or taken back: its family is dead.
public typealias TokenRevoked = AuthActivity<AuthActivityName.TokenRevoked>
/// Too many failed log-ins: further ones are refused until `until`.
public typealias AccountLocked = AuthActivity<AuthActivityName.AccountLocked>
/// A mail with the secret that sets a new password is on its way.
public typealias PasswordResetRequested = AuthActivity<AuthActivityName.PasswordResetRequested>
/// A password was set by the secret of a mail.
public typealias PasswordReset = AuthActivity<AuthActivityName.PasswordReset>
/// Log-ins need a second factor from now on.
public typealias MFAEnabled = AuthActivity<AuthActivityName.MFAEnabled>
/// Log-ins need no second factor any more.
public typealias MFADisabled = AuthActivity<AuthActivityName.MFADisabled>
/// A recovery code stood in for the second factor, and is used up.
public typealias RecoveryCodeUsed = AuthActivity<AuthActivityName.RecoveryCodeUsed>
