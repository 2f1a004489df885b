import Contracts
import EventBus
import Outbound
import Persistence
import ServiceKit
import System
import Telemetry

@main
enum Main {
    static func main() async {
        await Service.run("notification", port: 8109, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let settings = NotificationConfiguration(&service.reader)
        let (clock, tokens) = (service.clock, service.tokens)
        let database = try service.openDatabase(NotificationStore.migrations)
        let feed = InboxFeed()
        try service.followRevocations()

        let teller = Teller(clock: clock, feed: feed, mails: try mails(service, database, settings))
        let likes = service.whenDue("likes", LikeNews(database: database, teller: teller).step)
        try service.consume(
            group: NotificationEvents.group,
            topics: NotificationEvents.topics,
            projections: NotificationEvents.projections,
            NotificationEvents(teller: teller, likes: likes).handle
        )

        NotificationRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        LiveRoutes(database: database, tokens: tokens, clock: clock, feed: feed).add(to: &service.router)
    }

    /// The sending of queued mails; nil without a mail server.
    private static func mails(
        _ service: ServiceBuilder,
        _ database: Database,
        _ settings: NotificationConfiguration
    ) throws -> DueWork? {
        guard let server = settings.server else {
            service.logger.notice("SMTP_URL is not set: no mail is sent")
            return nil
        }
        let outbound = try OutboundClient()
        service.onStop { outbound.close() }
        let queue = MailQueue(
            database: database,
            outbound: outbound,
            server: server,
            sender: settings.sender,
            clock: service.clock,
            logger: service.logger
        )
        return service.whenDue("mail", queue.step)
    }
}
