import Contracts
import EventBus
import Persistence
import System

/// Removes the likes of targets and of accounts that are gone, some a transaction, each with its event; the receipt of an
/// erasure comes with the last.
struct LikeRemoval: Sendable {
    private static let batch = 100

    let database: Database
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        let now = clock.now
        return try await database.write(priority: .background) { transaction in
            if let target = try transaction.connection.deletedTarget() {
                try Self.remove(likesOf: target, at: now, transaction)
                return now
            }
            if let erasure = try transaction.connection.openErasure() {
                try Self.remove(erasure, at: now, transaction)
                return now
            }
            return nil
        }
    }

    private static func remove(
        likesOf id: Identifier,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let likes = try transaction.connection.likes(of: id, before: nil, limit: batch)
        for like in likes { try remove(like, .targetDeleted, at: now, transaction) }
        if likes.count < batch { try transaction.endRemoval(of: id) }
    }

    private static func remove(
        _ like: Like,
        _ reason: LikeRemovalReason,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard let target = try transaction.connection.target(like.targetID) else { throw UnknownTarget() }
        _ = try transaction.unlike(target, by: like.userID, reason, at: now)
    }

    /// The receipt has the id that it would have, had the consumer given it, so a repeat is dropped.
    private static func remove(
        _ erasure: Erasure,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let user = erasure.userID
        let likes = try transaction.connection.likes(by: user, before: nil, limit: batch)
        for like in likes { try remove(like, .userErased, at: now, transaction) }
        guard likes.count < batch else { return }
        try transaction.endErasure(of: user)
        let receipt = UserErased(userID: user, erasureID: erasure.erasureID, service: "like", timestamp: now)
        let id = Identifier.derived(source: "/like", cause: erasure.eventID, index: 0)
        var event = try Event(receipt, id: id, at: now, source: "/like")
        event.causationID = erasure.eventID
        try transaction.publish(event)
    }
}
