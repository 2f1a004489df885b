/// Names of account changes.
public enum UserChangeName {
    /// `user.logged-in`.
    public enum LoggedIn: EventName {
        /// See ``EventName/type``.
        public static let type = "user.logged-in"
    }
    /// `user.updated`.
    public enum Updated: EventName {
        /// See ``EventName/type``.
        public static let type = "user.updated"
    }
    /// `user.password-changed`.
    public enum PasswordChanged: EventName {
        /// See ``EventName/type``.
        public static let type = "user.password-changed"
    }
    /// `user.email-changed`.
    public enum EmailChanged: EventName {
        /// See ``EventName/type``.
        public static let type = "user.email-changed"
    }
    /// `user.role-changed`.
    public enum RoleChanged: EventName {
        /// See ``EventName/type``.
        public static let type = "user.role-changed"
    }
    /// `user.banned`.
    public enum Banned: EventName {
        /// See ``EventName/type``.
        public static let type = "user.banned"
    }
    /// `user.unbanned`.
    public enum Unbanned: EventName {
        /// See ``EventName/type``.
        public static let type = "user.unbanned"
    }
    /// `user.blocked`.
    public enum Blocked: EventName {
        /// See ``EventName/type``.
        public static let type = "user.blocked"
    }
    /// `user.unblocked`.
    public enum Unblocked: EventName {
        /// See ``EventName/type``.
        public static let type = "user.unblocked"
    }
    /// `user.muted`.
    public enum Muted: EventName {
        /// See ``EventName/type``.
        public static let type = "user.muted"
    }
    /// `user.unmuted`.
    public enum Unmuted: EventName {
        /// See ``EventName/type``.
        public static let type = "user.unmuted"
    }
    /// `user.deleted`.
    public enum Deleted: EventName {
        /// See ``EventName/type``.
        public static let type = "user.deleted"
    }
    /// `user.erased`.
    public enum Erased: EventName {
        /// See ``EventName/type``.
        public static let type = "user.erased"
    }
}

/// The user logged in (told by Auth, repeated for those who read accounts).
public typealias UserLoggedIn = UserChange<UserChangeName.LoggedIn>
/// The profile changed.
public typealias UserUpdated = UserChange<UserChangeName.Updated>
/// The password changed: sessions end.
public typealias UserPasswordChanged = UserChange<UserChangeName.PasswordChanged>
/// The address changed.
public typealias UserEmailChanged = UserChange<UserChangeName.EmailChanged>
/// The role changed: tokens with the old one end.
public typealias UserRoleChanged = UserChange<UserChangeName.RoleChanged>
/// The user may no longer act: sessions end.
public typealias UserBanned = UserChange<UserChangeName.Banned>
/// The user may act again.
public typealias UserUnbanned = UserChange<UserChangeName.Unbanned>
/// The user wants nothing from `targetID`.
public typealias UserBlocked = UserChange<UserChangeName.Blocked>
/// The block was lifted.
public typealias UserUnblocked = UserChange<UserChangeName.Unblocked>
/// The user wants no notifications about `targetID`.
public typealias UserMuted = UserChange<UserChangeName.Muted>
/// The mute was lifted.
public typealias UserUnmuted = UserChange<UserChangeName.Unmuted>
/// The account is gone; every service erases what it holds of it.
public typealias UserDeleted = UserChange<UserChangeName.Deleted>
/// A service's receipt: it holds nothing personal of the user any more.
public typealias UserErased = UserChange<UserChangeName.Erased>
