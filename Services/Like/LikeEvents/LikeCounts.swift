import Contracts
import EventBus
import Persistence
import System

/// Reports the counts of the targets that have changed, so that read models can reconcile with them.
struct LikeCounts: Sendable {
    /// Targets in one transaction.
    private static let batch = 50

    let database: Database
    let clock: WallClock

    /// Reports every target whose count has changed since its last report.
    func report() async throws {
        let now = clock.now
        var last: Identifier?
        repeat {
            let previous = last
            last = try await database.write(priority: .background) { transaction in
                let changed = try transaction.connection.unreportedCounts(after: previous, limit: Self.batch)
                guard !changed.isEmpty else { return nil }
                let offsets = try transaction.connection.consumed(by: LikeEvents.group)
                for counts in changed {
                    var report = counts
                    report.timestamp = now
                    report.offsets = offsets
                    try transaction.publish(report, at: now, sequence: report.added + report.removed)
                    try transaction.markReported(report.targetID)
                }
                return changed.last?.targetID
            }
        } while last != nil
    }
}
