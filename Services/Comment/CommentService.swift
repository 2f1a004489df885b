import Contracts
import EventBus
import Persistence
import ServiceKit
import System
import Telemetry

@main
enum Main {
    static func main() async {
        await Service.run("comment", port: 8107, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let rules = CommentRules(&service.reader)
        let (clock, tokens, logger) = (service.clock, service.tokens, service.logger)
        let database = try service.openDatabase(CommentStore.migrations)
        let targets = Changes<Target>()
        let arrival = TargetArrival(database: database, targets: targets)
        try service.followRevocations()

        let removal = Removal(database: database, clock: clock)
        let removing = service.whenDue("removal") { _ in try await removal.step() }
        let events = CommentEvents(targets: targets, removal: removing)
        try service.consume(
            group: CommentEvents.group,
            topics: CommentEvents.topics,
            projections: CommentEvents.projections,
            events.handle
        )

        let feed = LiveFeed<Identifier>()
        try service.broadcast(topics: [.commentEvents]) { event, position in
            do {
                try CommentBroadcast.handle(event, at: position, feed)
            } catch {
                logger.error("a comment cannot be shown live", metadata: ["event": "\(event.id)", "error": "\(error)"])
            }
        }

        let comments = Comments(rules: rules)
        CommentRoutes(database: database, tokens: tokens, clock: clock, comments: comments, arrival: arrival)
            .add(to: &service.router)
        ListRoutes(database: database, tokens: tokens, clock: clock, arrival: arrival, feed: feed)
            .add(to: &service.router)
        ModerationRoutes(database: database, tokens: tokens, clock: clock, comments: comments)
            .add(to: &service.router)
    }
}
