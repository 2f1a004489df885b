import Persistence
import System

/// Drops what need not be known any more: deliveries that ended, digests that were sent, and who liked what long ago.
struct Retention: Sendable {
    static let period = Duration.seconds(600)
    private static let batch = 200

    let database: Database
    let clock: WallClock

    func run() async throws {
        let now = clock.now
        let ended = now.adding(seconds: -Delivery.retentionSeconds)
        let opened = now.adding(seconds: -LikeGroup.retentionSeconds)
        var isDone = false
        while !isDone {
            isDone = try await database.write(priority: .background) { transaction in
                let noDeliveries = try NotificationStore.pruneDeliveries(before: ended, count: Self.batch, transaction)
                let noLikes = try NotificationStore.pruneGroups(openedBefore: opened, count: Self.batch, transaction)
                return noDeliveries && noLikes
            }
        }
    }
}
