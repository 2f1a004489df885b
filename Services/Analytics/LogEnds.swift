import Contracts
import EventBus
import Synchronization
import System

/// Where the logs of all topics end: asked of the broker once a second at most. Any task.
final class LogEnds: Sendable {
    /// How long an answer of the broker is used.
    static let lifetimeNanoseconds: UInt64 = 1_000_000_000

    private struct Known {
        var ends: [EventPosition.Partition: Int64]
        var at: UInt64
    }

    private let admin: TopicAdmin
    private let known = Mutex<Known?>(nil)

    init(_ admin: TopicAdmin) {
        self.admin = admin
    }

    /// The next offset of each partition.
    func all() async throws -> [EventPosition.Partition: Int64] {
        let now = MonotonicClock.nanoseconds
        if let known = known.withLock(\.self), now - known.at < Self.lifetimeNanoseconds { return known.ends }
        let ends = try await admin.ends(of: Topic.all)
        known.withLock { $0 = Known(ends: ends, at: now) }
        return ends
    }
}
