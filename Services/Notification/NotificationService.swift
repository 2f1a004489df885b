import Contracts
import EventBus
import HTTPTransport
import Persistence
import Security
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
        let (feed, zones) = (InboxFeed(), TimeZones())
        try service.followRevocations()

        let channels = try Channels(service, database, settings)
        let teller = Teller(clock: clock, feed: feed, queues: channels.queues, zones: zones)
        let likes = service.whenDue("likes", LikeNews(database: database, teller: teller).step)
        if let mails = channels.queues[.email] {
            _ = service.whenDue("digests", DigestWork(database: database, mails: mails).step)
        }
        try service.consume(
            group: NotificationEvents.group,
            topics: NotificationEvents.topics,
            projections: NotificationEvents.projections,
            ignoring: NotificationEvents.ignored,
            NotificationEvents(teller: teller, likes: likes).handle
        )
        let news = service.whenDue("chats", ChatNews(database: database, teller: teller).step)
        try service.consume(ChatEvents.consumer, batches: ChatEvents(clock: clock, news: news).apply)
        let retention = Retention(database: database, clock: clock)
        service.every(Retention.period, "retention") { try await retention.run() }

        NotificationRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        PreferenceRoutes(database: database, tokens: tokens, zones: zones, unsubscribing: channels.unsubscribing)
            .add(to: &service.router)
        ContactRoutes(database: database, tokens: tokens, clock: clock, channels: channels).add(to: &service.router)
        LiveRoutes(database: database, tokens: tokens, clock: clock, feed: feed).add(to: &service.router)
    }
}
