import Contracts
import EventBus
import Persistence
import Security
import System

/// What Analytics makes of events: a batch at a time, in the transaction that keeps the offsets. One generation's worth:
/// what is shown, what is built beside it, or what expires.
struct AnalyticsEvents: Sendable {
    /// The group whose topics never expire.
    static let group = "analytics"
    /// The group whose topics expire, are compacted or may lose records.
    static let recentGroup = "analytics-recent"
    /// Records in a transaction at most: 20 ms.
    static let batchSize = 2000

    /// Every topic whose records stay: what can be made anew.
    static let topics = Topic.all.filter(\.isForever)
    /// The others.
    static let recentTopics = Topic.all.filter { !$0.isForever }
    /// Sent without an outbox: an event comes once or not at all.
    private static let lossyTopics: Set<String> = [
        Topic.gatewayRequests.name, Topic.traceSpans.name, "presence-events",
    ]

    let generation: Int64
    let clock: WallClock
    let minutes: MinuteRetention
    /// Told what has changed; nil for what is built beside.
    let feed: MetricFeed?
    /// Keeps what belongs to traces; nil for what is built beside.
    var traces: TraceIndex?

    /// The consumer's settings for a generation.
    static func consumer(of generation: Int64) -> EventConsumer.Configuration {
        let isRecent = generation == AnalyticsStore.recent
        var settings = EventConsumer.Configuration(
            group: isRecent ? recentGroup : group,
            topics: isRecent ? recentTopics : topics
        )
        settings.places = places(of: generation)
        settings.batchSize = batchSize
        settings.isAlone = true
        return settings
    }

    /// The name of a generation's offsets.
    static func places(of generation: Int64) -> String {
        generation == AnalyticsStore.recent ? recentGroup : "\(group)-\(generation)"
    }

    /// Applies a batch.
    func apply(_ batch: [EventConsumer.Delivery], _ transaction: borrowing Transaction) throws {
        var tally = Tally()
        let metric = generation == AnalyticsStore.recent ? Metric.otherEvents : .events
        var latest: [EventPosition.Partition: Timestamp] = [:]
        let now = clock.now
        for delivery in batch {
            let event = delivery.event
            latest[delivery.position.partition] = event.time
            guard try isNew(event, transaction) else { continue }
            tally.add(1, to: metric, at: event.time, (.topic, event.topic), (.type, event.type))
            try Projections.byType[event.type]?(delivery, generation, &tally, transaction)
            if let traces, TraceItem.isTold(by: event), traces.hasRoom(at: now), let item = try TraceItem(delivery) {
                try transaction.insert(item)
            }
        }
        for (place, time) in latest { try transaction.noteFresh(place, event: time, at: now, generation) }
        let changed = try transaction.add(tally, to: generation, minutesFrom: minutes.oldest(at: now))
        if let feed { transaction.afterCommit { feed.changed(changed) } }
    }

    private func isNew(_ event: Event, _ transaction: borrowing Transaction) throws -> Bool {
        if Self.lossyTopics.contains(event.topic) { return true }
        return try transaction.noteSeen(event, generation)
    }
}
