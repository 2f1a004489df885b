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
    let planner: DeliveryPlanner

    init(clock: WallClock, feed: InboxFeed, queues: DeliveryQueues = [:], zones: TimeZones = TimeZones()) {
        self.clock = clock
        self.feed = feed
        planner = DeliveryPlanner(zones: zones, feed: feed, queues: queues)
    }

    /// Tells a notice once; does nothing when it has been told or its person is gone.
    func tell(_ notice: Notice, cause: Event? = nil, _ transaction: borrowing Transaction) throws {
        let (user, now, connection) = (notice.userID, clock.now, transaction.connection)
        guard try !connection.isErased(user),
            try NotificationStore.find(notice.id, of: user, connection) == nil
        else { return }
        let preferences = try NotificationStore.preferences(of: user, connection)
        var entry = try notification(of: notice, connection)
        let inApp = preferences.choice(.inApp, for: notice.type)
        var plan = DeliveryPlan(cause: cause)
        plan.decisions = [
            DeliveryPlan.Decision(channel: .inApp, decision: inApp.isWanted ? .told : .off, rule: inApp.rule)
        ]
        if Template.all[notice.type] != nil {
            plan.decisions += try planner.plan(notice, preferences, hasEntry: inApp.isWanted, at: now, transaction)
        }
        guard inApp.isWanted else { return }
        entry.plan = String(decoding: try plan.bytes(), as: UTF8.self)
        _ = try NotificationStore.insert(entry, transaction)
        try publishDelivered(entry, cause: cause, transaction)
        transaction.afterCommit { [feed] in feed.wake(user) }
    }

    private func publishDelivered(
        _ entry: Notification,
        cause: Event?,
        _ transaction: borrowing Transaction
    ) throws {
        let delivered = NotificationDelivered(
            notificationID: entry.id,
            userID: entry.userID,
            channel: Channel.inApp.rawValue,
            template: entry.type,
            timestamp: entry.createdAt
        )
        var event = try Event(
            delivered,
            id: .derived(source: "/notification/in-app", cause: entry.id, index: 0),
            at: entry.createdAt,
            traceparent: cause?.traceparent
        )
        event.causationID = cause?.id
        event.correlationID = cause?.correlationID ?? cause?.id
        try transaction.publish(event)
    }

    /// Puts a notice that was taken back in the inbox again, and on no other channel.
    func restore(_ notice: Notice, _ transaction: borrowing Transaction) throws {
        let (user, connection) = (notice.userID, transaction.connection)
        guard try !connection.isErased(user) else { return }
        let choice = try NotificationStore.preferences(of: user, connection).choice(.inApp, for: notice.type)
        guard choice.isWanted, try NotificationStore.insert(notification(of: notice, connection), transaction) else {
            return
        }
        transaction.afterCommit { [feed] in feed.wake(user) }
    }

    /// Mails a notice that the inbox has no entry of.
    func mail(_ notice: Notice, _ transaction: borrowing Transaction) throws {
        guard try !transaction.connection.isErased(notice.userID) else { return }
        try planner.mail(notice, at: clock.now, transaction)
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
}
