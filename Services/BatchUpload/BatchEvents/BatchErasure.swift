import Contracts
import Persistence
import ServiceKit
import System

/// Cancels and removes the batches of an account that is gone, some a transaction, and gives the receipt with the last.
struct BatchErasure: Sendable {
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
            if ids.isEmpty { try transaction.endErasure(erasure, by: "batch-upload", at: now) }
        }
        return now
    }
}
