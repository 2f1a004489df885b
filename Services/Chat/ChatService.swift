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
        let clock = service.clock
        let database = try service.openDatabase(ChatStore.migrations)
        try service.followRevocations()

        let erasure = ChatErasure(database: database, clock: clock)
        let erasing = service.whenDue("erasure") { _ in try await erasure.step() }

        let events = ChatEvents(people: PeopleEvents(erasing: erasing))
        let consumer = try service.consume(ChatEvents.consumer, batches: events.apply)
        service.health.add("chat-messages") { consumer.isCaughtUp }
    }
}
