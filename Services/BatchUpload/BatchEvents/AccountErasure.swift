import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Cancels and removes the batches of an account that is gone, some a transaction, and gives the receipt with the last.
struct AccountErasure: Sendable {
    private static let batch = 20

    let database: Database
    let files: BatchFiles
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let erasure = try await database.read({ try $0.openErasure() }) else { return nil }
        let (now, user) = (clock.now, erasure.userID)
        let ids = try await database.write(priority: .background) { transaction in
            let batches = try transaction.connection.batches(of: user, before: nil, limit: Self.batch)
            for var batch in batches where batch.end(.cancelled, at: now) {
                try transaction.announceEnd(of: batch, at: now)
            }
            return batches.map(\.id)
        }
        // From the transaction above on they take no bytes; what has no row is not found again.
        for id in ids { try await files.remove(id) }
        try await database.write(priority: .background) { transaction in
            for id in ids { try transaction.remove(id) }
            if ids.isEmpty { try Self.end(erasure, at: now, transaction) }
        }
        return now
    }

    /// The receipt has the id that it would have, had the consumer given it, so a repeat is dropped.
    private static func end(_ erasure: Erasure, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.endErasure(of: erasure.userID)
        let receipt = UserErased(
            userID: erasure.userID,
            erasureID: erasure.erasureID,
            service: "batch-upload",
            timestamp: now
        )
        let id = Identifier.derived(source: BatchStarted.source, cause: erasure.eventID, index: 0)
        var event = try Event(receipt, id: id, at: now, source: BatchStarted.source)
        event.causationID = erasure.eventID
        try transaction.publish(event)
    }
}
