import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What somebody is to be told.
struct Notice: Sendable {
    /// The notification's id: derived from its cause, so a replay makes nothing new.
    var id: Identifier
    var userID: Identifier
    /// The template.
    var type: String
    var data: [String: String]
    var actorID: Identifier?
    var subjectID: Identifier?
    /// What is said when there is no such template.
    var fallback = ""
}

/// Tells people: puts a notice in the inbox and on the channels that its person wants, in the caller's transaction.
struct Teller: Sendable {
    let clock: WallClock
    let feed: InboxFeed
    /// Woken for each mail that is queued; without a mail server nothing is queued.
    let mails: DueWork?

    /// Tells a notice once; false when it has been told or its person is gone.
    @discardableResult
    func tell(_ notice: Notice, cause: Event? = nil, _ transaction: borrowing Transaction) throws -> Bool {
        let user = notice.userID
        guard try !NotificationStore.isErased(user, transaction.connection) else { return false }
        let entry = try notification(of: notice, transaction.connection)
        guard try NotificationStore.insert(entry, transaction) else { return false }
        try deliver(notice, cause: cause, transaction)
        let delivered = NotificationDelivered(
            notificationID: entry.id,
            userID: user,
            channel: "in_app",
            template: notice.type,
            timestamp: entry.createdAt
        )
        var event = try Event(
            delivered,
            id: .derived(source: "/notification/in-app", cause: notice.id, index: 0),
            at: entry.createdAt,
            traceparent: cause?.traceparent
        )
        event.causationID = cause?.id
        event.correlationID = cause?.correlationID ?? cause?.id
        try transaction.publish(event)
        transaction.afterCommit { [feed] in feed.wake(user) }
        return true
    }

    /// Puts a notice that was taken back in the inbox again, and on no other channel.
    func restore(_ notice: Notice, _ transaction: borrowing Transaction) throws {
        let user = notice.userID
        guard try !NotificationStore.isErased(user, transaction.connection) else { return }
        guard try NotificationStore.insert(notification(of: notice, transaction.connection), transaction) else {
            return
        }
        transaction.afterCommit { [feed] in feed.wake(user) }
    }

    /// The inbox entry of a notice, in its person's language as it is known now.
    func notification(of notice: Notice, _ connection: Connection) throws -> Notification {
        let locale = try NotificationStore.profile(of: notice.userID, connection)?.locale ?? .vietnamese
        var data = notice.data
        if notice.actorID != nil { data["actor"] = Notification.actorPlace }
        return Notification(
            number: 0,
            id: notice.id,
            userID: notice.userID,
            type: notice.type,
            message: Template.named(notice.type, in: locale)?.renderMessage(data) ?? notice.fallback,
            data: notice.data,
            createdAt: clock.now,
            actorID: notice.actorID,
            subjectID: notice.subjectID
        )
    }

    private func deliver(_ notice: Notice, cause: Event?, _ transaction: borrowing Transaction) throws {
        guard Template.all[notice.type] != nil else { return }
        let isWanted: Bool
        switch Importance(template: notice.type) {
        case .critical: isWanted = true
        case .transactional:
            isWanted = try NotificationStore.preferences(of: notice.userID, transaction.connection).email
        case .social: isWanted = false
        }
        if isWanted { try mail(notice, transaction) }
    }

    /// Queues a mail, without an entry in the inbox.
    func mail(_ notice: Notice, _ transaction: borrowing Transaction) throws {
        guard let mails, try !NotificationStore.isErased(notice.userID, transaction.connection) else { return }
        let mail = QueuedMail(
            id: notice.id,
            userID: notice.userID,
            template: notice.type,
            data: notice.data,
            attempts: 0
        )
        try NotificationStore.enqueue(mail, at: clock.now, transaction)
        transaction.afterCommit { mails.wake() }
    }
}
