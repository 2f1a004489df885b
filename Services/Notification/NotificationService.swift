import Contracts
import EventBus
import Outbound
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

        let events = NotificationEvents(clock: clock, feed: feed, sendsMail: settings.server != nil)
        try service.consume(group: NotificationEvents.group, topics: NotificationEvents.topics, events.handle)

        if let server = settings.server {
            let outbound = try OutboundClient()
            let queue = MailQueue(
                database: database,
                outbound: outbound,
                server: server,
                sender: settings.sender,
                clock: clock,
                logger: service.logger
            )
            service.every(NotificationConfiguration.mailPeriod, "mail") { try await queue.step() }
            service.onStop { outbound.close() }
        } else {
            service.logger.notice("SMTP_URL is not set: no mail is sent")
        }

        NotificationRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        LiveRoutes(database: database, tokens: tokens, clock: clock, feed: feed).add(to: &service.router)
    }
}
