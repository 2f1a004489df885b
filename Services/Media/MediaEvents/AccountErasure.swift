import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Deletes what belongs to an account that is gone, some items a transaction, and gives the receipt with the last.
struct AccountErasure: Sendable {
    private static let batch = 50

    let database: Database
    let files: UploadFiles
    let clock: WallClock
    let collector: DueWork

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let erasure = try await database.read({ try $0.openErasure() }) else { return nil }
        let now = clock.now
        let user = erasure.userID
        let uploads = try await database.write(priority: .background) { transaction in
            let uploads = try transaction.connection.uploads(of: user, limit: Self.batch).map(\.id)
            for upload in uploads { _ = try transaction.remove(upload) }
            let items = try transaction.connection.media(of: user, onlyPublic: false, before: nil, limit: Self.batch)
            for media in items { try transaction.delete(media, at: now) }
            if uploads.isEmpty, items.isEmpty { try Self.end(erasure, at: now, transaction) }
            return uploads
        }
        try await files.remove(uploads)
        collector.wake()
        return now
    }

    /// The receipt has the id that it would have, had the consumer given it, so a repeat is dropped.
    private static func end(_ erasure: Erasure, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.endErasure(of: erasure.userID)
        let receipt = UserErased(
            userID: erasure.userID,
            erasureID: erasure.erasureID,
            service: "media",
            timestamp: now
        )
        let id = Identifier.derived(source: "/media", cause: erasure.eventID, index: 0)
        var event = try Event(receipt, id: id, at: now, source: "/media")
        event.causationID = erasure.eventID
        try transaction.publish(event)
    }
}
