import Contracts
import EventBus
import Persistence
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("chat", port: 8108, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let publicURL = service.configuration.publicURL
        let settings = ChatConfiguration(&service.reader, publicURL: publicURL)
        let (clock, tokens, logger) = (service.clock, service.tokens, service.logger)
        let database = try service.openDatabase(ChatStore.migrations)
        let log = try ChatLog(service.configuration.kafka, clock: clock, logger: logger)
        service.onStop { log.stop() }
        let deliveries = Deliveries(log: log, clock: clock)
        service.onStop { deliveries.write() }
        service.every(Deliveries.period, "deliveries") { deliveries.write() }
        let (live, contacts) = (Live(maximumPerPerson: settings.socketsPerUser), Changes<Contact>())
        try service.followRevocations()
        service.every(.seconds(1), "expiry") { live.closeExpired(at: clock.now) }

        let erasure = ChatErasure(database: database, log: log, clock: clock)
        let erasing = service.whenDue("erasure") { _ in try await erasure.step() }

        let presence = try service.presence(database, live)
        let people = PeopleEvents(erasing: erasing, live: live, contacts: contacts) { user in
            presence.hub.note { machine, _ in machine.forget(user) }
        }
        let reads = OwnReads(database: database, live: live)
        let telling = service.whenDue("own reads", reads.step)
        let read: @Sendable ([RoomMarks.Place]) -> Void = { places in
            if reads.note(places) { telling.wake() }
        }
        let events = ChatEvents(people: people, log: log, live: live, read: read, logger: logger)
        let consumer = try service.consume(ChatEvents.consumer, batches: events.apply)
        service.health.add("chat-messages") { consumer.isCaughtUp }

        PresenceRoutes(database: database, tokens: tokens, hub: presence.hub).add(to: &service.router)
        let arrival = PersonArrival(database: database, contacts: contacts)
        RoomRoutes(database: database, tokens: tokens, clock: clock, log: log, arrival: arrival)
            .add(to: &service.router)
        MessageRoutes(database: database, tokens: tokens, clock: clock, log: log, observer: presence)
            .add(to: &service.router)
        ContactRoutes(database: database, tokens: tokens).add(to: &service.router)
        StreamRoute(database: database, tokens: tokens, clock: clock, live: live).add(to: &service.router)
        let sockets = ChatSockets(
            configuration: settings,
            database: database,
            tokens: tokens,
            clock: clock,
            log: log,
            live: live,
            deliveries: deliveries,
            observer: presence
        )
        SocketRoute(chat: sockets).add(to: &service.router)
    }
}
