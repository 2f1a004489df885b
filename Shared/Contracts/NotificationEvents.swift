public import EventBus
public import System

/// A person is to be told something (`notification.requested`). Notification renders `template` with `data` in the
/// person's own locale; `message` is the Vietnamese text for those who read the log.
public struct NotificationRequested: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "notification.requested"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.notifications
    /// Overridden by the publisher: any service asks for notifications.
    public static let source = "/notification"

    /// Whom to tell.
    public var userID: Identifier
    /// The text in Vietnamese.
    public var message: String
    /// The template's name, such as `booking.booked`.
    public var template: String
    /// The locale of `message`.
    public var locale: String
    /// What the template fills in.
    public var data: [String: String]

    /// Makes a request.
    public init(
        userID: Identifier,
        message: String,
        template: String,
        locale: String = "vi",
        data: [String: String]
    ) {
        self.userID = userID
        self.message = message
        self.template = template
        self.locale = locale
        self.data = data
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case message, template, locale, data
    }
}

/// What became of a notification on one channel (`notification-deliveries`).
public struct NotificationOutcome<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .notificationDeliveries }
    /// See ``EventPayload/source``.
    public static var source: String { "/notification" }

    /// The notification's id.
    public var notificationID: Identifier
    /// Whom it is for.
    public var userID: Identifier
    /// `in_app`, `email`, `push`, `sms` or `webhook`.
    public var channel: String
    /// The template's name.
    public var template: String
    /// When it happened.
    public var timestamp: Timestamp
    /// The provider's answer, for a failure.
    public var reason: String?

    /// Makes an outcome.
    public init(
        notificationID: Identifier,
        userID: Identifier,
        channel: String,
        template: String,
        timestamp: Timestamp,
        reason: String? = nil
    ) {
        self.notificationID = notificationID
        self.userID = userID
        self.channel = channel
        self.template = template
        self.timestamp = timestamp
        self.reason = reason
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case notificationID = "notification_id"
        case userID = "user_id"
        case channel, template, timestamp, reason
    }
}

/// Names of notification outcomes.
public enum NotificationOutcomeName {
    /// `notification.delivered`.
    public enum Delivered: EventName {
        /// See ``EventName/type``.
        public static let type = "notification.delivered"
    }
    /// `notification.failed`.
    public enum Failed: EventName {
        /// See ``EventName/type``.
        public static let type = "notification.failed"
    }
    /// `notification.read`.
    public enum Read: EventName {
        /// See ``EventName/type``.
        public static let type = "notification.read"
    }
}

/// The channel took it.
public typealias NotificationDelivered = NotificationOutcome<NotificationOutcomeName.Delivered>
/// The channel refused it for good.
public typealias NotificationFailed = NotificationOutcome<NotificationOutcomeName.Failed>
/// Its person has read it.
public typealias NotificationRead = NotificationOutcome<NotificationOutcomeName.Read>
