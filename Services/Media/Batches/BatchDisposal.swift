import EventBus
import Persistence
import ServiceKit
import System

/// Deletes the items of batches of which nothing is to be left, some a transaction.
struct BatchDisposal: Sendable {
    private static let count = 50

    let database: Database
    let clock: WallClock
    /// Woken when blobs may have become unused.
    let collector: DueWork

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let batch = try await database.read({ try $0.discardedBatch() }) else { return nil }
        let now = clock.now
        try await database.write(priority: .background) { transaction in
            let items = try transaction.connection.media(ofBatch: batch.id, limit: Self.count)
            for media in items { try transaction.delete(media, at: now) }
            if items.isEmpty { try transaction.end(batch, .over) }
        }
        collector.wake()
        return now
    }
}
