import Contracts
import Persistence
import ServiceKit
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

    private static func remove(
        _ erasure: AccountErasure,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let user = erasure.userID
        let likes = try transaction.connection.likes(by: user, before: nil, limit: batch)
        for like in likes { try remove(like, .userErased, at: now, transaction) }
        let isUnblocked = try transaction.forgetBlocks(of: user, limit: batch)
        guard likes.count < batch, isUnblocked else { return }
        try transaction.endErasure(erasure, by: "like", at: now)
    }
}
