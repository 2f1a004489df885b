import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What each process of Chat reads: every partition, in its own order, into its own tables (group `chat`, which nobody joins).
struct ChatEvents: Sendable {
    static let group = "chat"
    /// Records in one transaction at most.
    private static let batchSize = 256

    let people: PeopleEvents

    /// How the consumer is to be set up.
    static var consumer: EventConsumer.Configuration {
        var configuration = EventConsumer.Configuration(
            group: group,
            topics: [.chatMessages, .userEvents, .userProfiles]
        )
        configuration.isAlone = true
        configuration.batchSize = batchSize
        return configuration
    }

    func apply(_ deliveries: [EventConsumer.Delivery], _ transaction: borrowing Transaction) throws {
        for delivery in deliveries where delivery.event.topic != Topic.chatMessages.name {
            try people.apply(delivery.event, transaction)
        }
    }
}
