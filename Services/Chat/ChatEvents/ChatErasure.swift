import Persistence
import ServiceKit
import System

/// Takes away what accounts that are gone left in rooms; the receipt comes when nothing is left.
struct ChatErasure: Sendable {
    private static let batch = 50

    let database: Database
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let erasure = try await database.read({ try $0.openErasure() }) else { return nil }
        let now = clock.now
        try await database.write(priority: .background) { transaction in
            guard try transaction.forgetBlocks(of: erasure.userID, limit: Self.batch) else { return }
            try transaction.endErasure(erasure, by: "chat", at: now)
        }
        return now
    }
}
