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
        try service.followRevocations()

        let live = try await database.read { try $0.liveGeneration() }
        let recent = AnalyticsEvents(generation: AnalyticsStore.recent, clock: clock, feed: feed, traces: traces)
        try service.consume(AnalyticsEvents.consumer(of: AnalyticsStore.recent), batches: recent.apply)
        let facts = AnalyticsEvents(generation: live, clock: clock, feed: feed, traces: traces)
        let consumer = try service.consume(AnalyticsEvents.consumer(of: live), batches: facts.apply)
        let rebuilds = Rebuilds(service, database, feed, traces, live: consumer, generation: live)
        service.health.add("metrics") { rebuilds.failure == nil }
        service.every(.seconds(5), "clean", rebuilds.clean)
        service.every(.seconds(5), "prune") { try await Retention(database: database, clock: clock).prune() }
        service.onStop(rebuilds.stop)

        MetricRoutes(
            database: database,
            tokens: tokens,
            revocations: service.revocations,
            feed: feed,
            clock: clock
        ).add(to: &service.router)
        TraceRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        OperationRoutes(
            database: database,
            tokens: tokens,
            rebuilds: rebuilds,
            ends: LogEnds(TopicAdmin(service.configuration.kafka, logger: service.logger)),
            clock: clock
        ).add(to: &service.router)
    }
}
