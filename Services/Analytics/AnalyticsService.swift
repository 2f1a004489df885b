import EventBus
import Persistence
import ServiceKit

@main
enum Main {
    static func main() async {
        await Service.run("analytics", port: 8111, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let (clock, tokens) = (service.clock, service.tokens)
        let database = try service.openDatabase(AnalyticsStore.migrations)
        let (feed, traces) = (MetricFeed(), TraceIndex())
        let minuteDays = service.reader.integer(
            "ANALYTICS_MINUTE_DAYS",
            default: MinuteRetention.usualDays,
            in: MinuteRetention.days
        )
        let minutes = MinuteRetention(days: Int64(minuteDays))
        try service.followRevocations()

        let live = try await database.read { try $0.liveGeneration() }
        func events(of generation: Int64) -> AnalyticsEvents {
            AnalyticsEvents(generation: generation, clock: clock, minutes: minutes, feed: feed, traces: traces)
        }
        try service.consume(
            AnalyticsEvents.consumer(of: AnalyticsStore.recent),
            batches: events(of: AnalyticsStore.recent).apply
        )
        let consumer = try service.consume(AnalyticsEvents.consumer(of: live), batches: events(of: live).apply)
        let rebuilds = Rebuilds(service, database, feed, traces, minutes, live: consumer, generation: live)
        service.health.add("metrics") { rebuilds.failure == nil }
        service.every(.seconds(5), "clean", rebuilds.clean)
        let retention = Retention(database: database, clock: clock, minutes: minutes)
        service.every(.seconds(5), "prune") { try await retention.prune() }
        service.every(.seconds(60), "prune minutes") { try await retention.pruneMinutes() }
        service.onStop(rebuilds.stop)

        MetricRoutes(
            database: database,
            tokens: tokens,
            revocations: service.revocations,
            feed: feed,
            minutes: minutes,
            clock: clock
        ).add(to: &service.router)
        TraceRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        UpkeepRoutes(
            database: database,
            tokens: tokens,
            rebuilds: rebuilds,
            ends: LogEnds(TopicAdmin(service.configuration.kafka, logger: service.logger)),
            clock: clock
        ).add(to: &service.router)
    }
}
