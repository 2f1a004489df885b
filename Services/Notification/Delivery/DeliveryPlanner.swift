import EventBus
import Persistence
import ServiceKit
import System

/// Wakes who sends, by channel; a channel that is not there is not configured.
typealias DeliveryQueues = [Channel: DueWork]

/// Decides on which channels somebody is told something, and queues it there. Runs in the transaction that tells.
struct DeliveryPlanner: Sendable {
    /// How many social messages a person gets in an hour; text messages in a day, of whatever kind.
    static let caps: [Channel: (count: Int, seconds: Int64)] = [
        .email: (20, 3600), .push: (60, 3600), .webhook: (1000, 3600), .sms: (10, 24 * 3600),
    ]
    /// How long a push waits for somebody who has the inbox open.
    static let onlineSeconds: Int64 = 10
    /// When daily digests come, in minutes of the day.
    static let dailyDigestMinute: Int64 = 8 * 60

    let zones: TimeZones
    let feed: InboxFeed
    let queues: DeliveryQueues

    /// The decisions about every channel but the inbox.
    func plan(
        _ notice: Notice,
        _ preferences: Preferences,
        hasEntry: Bool,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> [DeliveryPlan.Decision] {
        var decisions: [DeliveryPlan.Decision] = []
        for channel in [Channel.email, .push, .sms, .webhook] {
            let decision = try decide(channel, notice, preferences, hasEntry: hasEntry, at: now, transaction)
            decisions.append(decision)
        }
        return decisions
    }

    /// Queues a mail that is not in the inbox, such as the welcome.
    func mail(_ notice: Notice, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        let preferences = try NotificationStore.preferences(of: notice.userID, transaction.connection)
        _ = try decide(.email, notice, preferences, hasEntry: false, at: now, transaction)
    }

    private func decide(
        _ channel: Channel,
        _ notice: Notice,
        _ preferences: Preferences,
        hasEntry: Bool,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> DeliveryPlan.Decision {
        var decision = DeliveryPlan.Decision(channel: channel, decision: .queued)
        func verdict(_ verdict: DeliveryPlan.Verdict, until: Timestamp? = nil) -> DeliveryPlan.Decision {
            DeliveryPlan.Decision(channel: channel, decision: verdict, rule: decision.rule, until: until)
        }
        guard let queue = queues[channel] else { return verdict(.notConfigured) }
        let choice = preferences.choice(channel, for: notice.type)
        decision.rule = choice.rule
        guard choice.isWanted else { return verdict(.off) }
        let (user, connection) = (notice.userID, transaction.connection)
        guard let places = try places(channel, notice, connection), !places.isEmpty else { return verdict(.noAddress) }
        if channel == .email, try NotificationStore.isSuppressed(user, connection) { return verdict(.suppressed) }
        let importance = Importance(template: notice.type)
        if channel == .email, importance == .social, preferences.digest != .off, hasEntry {
            return verdict(.digest, until: try collect(notice, preferences, at: now, transaction))
        }
        if let cap = Self.caps[channel], importance == .social || channel == .sms {
            let since = now.adding(seconds: -cap.seconds)
            // All places are told or none.
            let room = cap.count - places.count + 1
            if try NotificationStore.hasReached(room, of: user, on: channel, since: since, connection) {
                return verdict(.capped)
            }
        }
        let hold = importance == .critical ? nil : hold(channel, importance, user, preferences, at: now)
        for place in places {
            let delivery = Delivery(notice, on: channel, to: place, hasEntry: hasEntry)
            try NotificationStore.enqueue(delivery, at: now, due: hold?.until ?? now, transaction)
        }
        transaction.afterCommit { queue.wake() }
        return hold.map { verdict($0.verdict, until: $0.until) } ?? decision
    }

    /// Where a channel reaches somebody; nil among them is the one place that needs no name.
    private func places(_ channel: Channel, _ notice: Notice, _ connection: Connection) throws -> [Identifier?]? {
        let user = notice.userID
        switch channel {
        case .inApp: return nil
        // The profile travels on another topic and may come later.
        case .email: return [nil]
        case .sms: return try NotificationStore.phone(of: user, connection).map { _ in [nil] }
        case .push: return try NotificationStore.subscriptions(of: user, connection).map(\.id)
        case .webhook:
            return try NotificationStore.webhooks(of: user, connection).filter { $0.takes(notice.type) }.map(\.id)
        }
    }

    private func hold(
        _ channel: Channel,
        _ importance: Importance,
        _ user: Identifier,
        _ preferences: Preferences,
        at now: Timestamp
    ) -> (verdict: DeliveryPlan.Verdict, until: Timestamp)? {
        guard channel != .webhook else { return nil }
        if let hours = preferences.quietHours, let zone = zones.rules(preferences.timeZone),
            let end = hours.end(at: now, in: zone)
        {
            return (.quietHours, end)
        }
        guard channel == .push, importance == .social, feed.isOpen(user) else { return nil }
        return (.online, now.adding(seconds: Self.onlineSeconds))
    }

    /// Puts a notification in the person's open digest, or opens one; says when it is sent.
    private func collect(
        _ notice: Notice,
        _ preferences: Preferences,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> Timestamp {
        let digest: Digest
        if let open = try NotificationStore.openDigest(of: notice.userID, transaction.connection) {
            digest = open
        } else {
            digest = Digest(
                id: .derived(source: "/notification/digest", cause: notice.id, index: 0),
                userID: notice.userID,
                dueAt: due(preferences, at: now)
            )
            try NotificationStore.open(digest, transaction)
        }
        try NotificationStore.add(notice.id, to: digest, transaction)
        return digest.dueAt
    }

    /// The next whole hour, or the next morning in the person's own time, and never in quiet hours.
    private func due(_ preferences: Preferences, at now: Timestamp) -> Timestamp {
        let hour: Int64 = 3600 * 1000
        let next = Timestamp(milliseconds: (now.milliseconds / hour + 1) * hour)
        guard let zone = zones.rules(preferences.timeZone) else { return next }
        let due = preferences.digest == .daily ? zone.next(minute: Self.dailyDigestMinute, after: now) : next
        return preferences.quietHours?.end(at: due, in: zone) ?? due
    }
}
