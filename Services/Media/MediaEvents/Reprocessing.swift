import EventBus
import Persistence
import System

/// Asks for items to be processed anew when presets have changed: jobs like those of new items, some a transaction.
struct Reprocessing: Sendable {
    private static let batch = 100

    let database: Database
    let clock: System.WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let presets = try await database.read({ try $0.reprocessing() }) else { return nil }
        let now = clock.now
        try await database.write(priority: .background) { transaction in
            let items = try transaction.connection.media(olderThanPresets: presets, limit: Self.batch)
            for var media in items {
                media.restart(job: .version7(at: now), presets: presets)
                try transaction.update(media)
                try transaction.requestProcessing(of: media, at: now)
            }
            if items.isEmpty { try transaction.endReprocessing() }
        }
        return now
    }
}
