import Contracts
import EventBus
import Persistence
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("like", port: 8106, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let countsSeconds = service.reader.integer("LIKE_COUNTS_SECONDS", default: 60, in: 1...3600)
        let (clock, tokens) = (service.clock, service.tokens)
        let database = try service.openDatabase(LikeStore.migrations)
        try service.followRevocations()

        // Likes of targets and of accounts that are gone.
        let removal = LikeRemoval(database: database, clock: clock)
        let removing = service.whenDue("removal of likes") { _ in try await removal.step() }

        // What others tell about what can be liked, and by whom.
        let targets = Changes<Target>()
        let events = LikeEvents(targets: targets, removing: removing)
        try service.consume(
            group: LikeEvents.group,
            topics: LikeEvents.topics,
            projections: LikeEvents.projections,
            events.handle
        )

        // What read models reconcile with.
        let counts = LikeCounts(database: database, clock: clock)
        service.every(.seconds(countsSeconds), "like counts") { try await counts.report() }

        let arrival = TargetArrival(targets: targets)
        LikeRoutes(database: database, tokens: tokens, clock: clock, arrival: arrival).add(to: &service.router)
        ListRoutes(database: database, tokens: tokens, clock: clock, arrival: arrival).add(to: &service.router)
        let audit = LikeAudit(database: database, kafka: service.configuration.kafka, logger: service.logger)
        AuditRoutes(audit: audit, tokens: tokens).add(to: &service.router)
    }
}
