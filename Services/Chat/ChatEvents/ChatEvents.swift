import Contracts
import EventBus
import Persistence
import ServiceKit
import System
import Telemetry

/// What each process of Chat reads: every partition, into its own tables (group `chat`, which nobody joins).
struct ChatEvents: Sendable {
    static let group = "chat"
    /// Records in one transaction at most.
    private static let batchSize = 256

    let people: PeopleEvents
    let log: ChatLog
    let live: Live
    /// Told who has read further.
    let read: @Sendable ([RoomMarks.Place]) -> Void
    let logger: Logger

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
        var ledger = RoomLedger()
        for delivery in deliveries {
            if delivery.event.topic != Topic.chatMessages.name {
                try people.apply(delivery.event, transaction)
            } else if delivery.position.partition.topic == delivery.event.topic {
                try ledger.apply(delivery.event, at: delivery.position.offset, transaction)
            } else {
                // What was sent back from the dead letters has lost its place in the order, which is not the same at
                // every process.
                logger.error("a record of a room cannot be redriven", metadata: ["event": "\(delivery.event.id)"])
            }
        }
        try ledger.finish(transaction)
        let (news, decisions, reads) = (ledger.news, ledger.decisions, ledger.reads)
        guard !decisions.isEmpty else { return }
        transaction.afterCommit { [live, log, read] in
            live.publish(news)
            log.settle(decisions)
            if !reads.isEmpty { read(reads) }
        }
    }
}
