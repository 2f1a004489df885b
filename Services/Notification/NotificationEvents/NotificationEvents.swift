import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Notification makes of others' events: inbox entries and queued mails, in the consumer's transaction.
struct NotificationEvents: Sendable {
    static let group = "notification"
    static let topics: [Topic] = [.notifications, .userEvents, .userProfiles, .authEvents, .mediaEvents, .batchEvents]

    let clock: WallClock
    let feed: InboxFeed
    /// Woken for each mail that is queued; without a mail server nothing is queued.
    let mails: DueWork?

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case NotificationRequested.type: try tell(try event.decode(), event, transaction)
        case UserProfile.type: try follow(event, transaction)
        case UserRegistered.type:
            let user = try event.decode(UserRegistered.self).userID
            try mail(event, to: user, template: "account.welcome", transaction)
        case UserPasswordChanged.type:
            let user = try event.decode(UserPasswordChanged.self).userID
            try alert(event, user, "password-changed", transaction)
        case LoginSucceeded.type: try greet(try event.decode(), event, transaction)
        case AccountLocked.type:
            guard let user = try event.decode(AccountLocked.self).userID else { return }
            try alert(event, user, "account-locked", transaction)
        case SessionRevoked.type:
            let revoked = try event.decode(SessionRevoked.self)
            guard revoked.reason == "reuse_detected" else { return }
            try alert(event, revoked.userID, "session-reused", transaction)
        case UserDeleted.type: try erase(try event.decode(), event, transaction)
        case MediaProcessed.type: try tell(ofReady: try event.decode(MediaProcessed.self), event, transaction)
        case MediaFailed.type: try tell(ofFailed: try event.decode(MediaFailed.self), event, transaction)
        case BatchCompleted.type: try tell(ofCompleted: try event.decode(BatchCompleted.self), event, transaction)
        case BatchFailed.type: try tell(ofFailed: try event.decode(BatchFailed.self), event, transaction)
        default: return
        }
    }

    private func tell(
        _ request: NotificationRequested,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        let user = request.userID
        guard try !NotificationStore.isErased(user, transaction.connection) else { return }
        let locale = try NotificationStore.profile(of: user, transaction.connection)?.locale ?? .vietnamese
        let template = Template.named(request.template, in: locale)
        let message = template?.renderMessage(request.data) ?? request.message
        try addToInbox(event, user, request.template, message, request.data, transaction)
        let wantsMail = try NotificationStore.preferences(of: user, transaction.connection).email
        if let template, wantsMail || template.importance == .critical {
            try mail(event, to: user, template: request.template, data: request.data, transaction)
        }
    }

    /// Tells somebody in the inbox, in their language.
    func note(
        _ type: String,
        to user: Identifier,
        _ data: [String: String],
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        guard try !NotificationStore.isErased(user, transaction.connection) else { return }
        let locale = try NotificationStore.profile(of: user, transaction.connection)?.locale ?? .vietnamese
        guard let template = Template.named(type, in: locale) else { return }
        try addToInbox(event, user, type, template.renderMessage(data), data, transaction)
    }

    private func alert(
        _ event: Event,
        _ user: Identifier,
        _ name: String,
        data: [String: String] = [:],
        _ transaction: borrowing Transaction
    ) throws {
        guard try !NotificationStore.isErased(user, transaction.connection) else { return }
        let locale = try NotificationStore.profile(of: user, transaction.connection)?.locale ?? .vietnamese
        guard let template = Template.named("security.\(name)", in: locale) else { return }
        try addToInbox(event, user, "security.\(name)", template.renderMessage(data), data, transaction)
        try mail(event, to: user, template: "security.\(name)", data: data, transaction)
    }

    /// A log-in from a device that is new to somebody who has others is told.
    private func greet(_ login: LoginSucceeded, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard let user = login.userID, try !NotificationStore.isErased(user, transaction.connection) else { return }
        let device = Device(userAgent: login.userAgent ?? "", network: login.addressPrefix ?? "")
        guard try NotificationStore.noteLogin(of: user, from: device, at: login.timestamp, transaction) else { return }
        let time = login.timestamp.description.prefix(16).replacing("T", with: " ")
        let data = [
            "device": device.name.isEmpty ? "?" : device.name, "network": device.network, "time": "\(time) UTC",
        ]
        try alert(event, user, "new-device", data: data, transaction)
    }

    private func addToInbox(
        _ event: Event,
        _ user: Identifier,
        _ template: String,
        _ message: String,
        _ data: [String: String],
        _ transaction: borrowing Transaction
    ) throws {
        let now = clock.now
        let entry = Notification(
            number: 0,
            id: id(for: event),
            userID: user,
            type: template,
            message: message,
            data: data,
            createdAt: now
        )
        guard try NotificationStore.insert(entry, transaction) else { return }
        let delivered = NotificationDelivered(
            notificationID: entry.id,
            userID: user,
            channel: "in_app",
            template: template,
            timestamp: now
        )
        try transaction.publish(delivered, at: now, cause: EventCause(event))
        transaction.afterCommit { [feed] in feed.wake(user) }
    }

    private func mail(
        _ event: Event,
        to user: Identifier,
        template: String,
        data: [String: String] = [:],
        _ transaction: borrowing Transaction
    ) throws {
        guard let mails, try !NotificationStore.isErased(user, transaction.connection) else { return }
        let mail = QueuedMail(id: id(for: event), userID: user, template: template, data: data, attempts: 0)
        try NotificationStore.enqueue(mail, at: clock.now, transaction)
        transaction.afterCommit { mails.wake() }
    }

    /// The same event always makes the same notification and the same mail.
    private func id(for event: Event) -> Identifier {
        .derived(source: "/notification", cause: event.id, index: 1)
    }

    private func follow(_ event: Event, _ transaction: borrowing Transaction) throws {
        guard event.value != nil else {
            guard let user = Identifier(event.key) else { throw EventError(.undecodable, "the key is no user id") }
            return try NotificationStore.erase(user, transaction)
        }
        let profile = try event.decode(UserProfile.self)
        try NotificationStore.save(
            Profile(
                userID: profile.userID,
                email: profile.email,
                name: profile.displayName,
                locale: Locale(tag: profile.locale)
            ),
            sequence: event.sequence ?? 0,
            transaction
        )
    }

    private func erase(_ deleted: UserDeleted, _ event: Event, _ transaction: borrowing Transaction) throws {
        try NotificationStore.erase(deleted.userID, transaction)
        let receipt = UserErased(
            userID: deleted.userID,
            erasureID: deleted.erasureID,
            service: "notification",
            timestamp: clock.now
        )
        try transaction.publish(receipt, at: clock.now, cause: EventCause(event), source: "/notification")
    }
}
