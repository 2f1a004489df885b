import Synchronization
import System
import Telemetry

/// What all partitions of a store share.
struct LogContext: Sendable {
    /// The store's.
    let directory: String
    let configuration: LogStoreConfiguration
    let fileSystem: any FileSystem
    let files: SegmentFiles
    let commitPath: any CommitPath
    let clock: WallClock
    let logger: Logger
    let leaderEpoch: Int32
    let backlog = RecoveryBacklog()
    let openLogs = OpenLogs()
}

/// How much of its log each partition may leave to recovery: what its index and its producers' snapshot do not cover
/// yet. Together they leave a fixed amount, so that a start after a crash takes as long with one partition as with
/// hundreds.
final class RecoveryBacklog: Sendable {
    /// Bytes of all partitions together.
    static let total = 16 << 20
    /// Bytes of one: below, files would be written too often; above, there is nothing to gain.
    static let perLog = 64 << 10...1 << 20

    private let logs = Atomic<Int>(0)

    func addLog() { logs.add(1, ordering: .relaxed) }

    func removeLog() { logs.subtract(1, ordering: .relaxed) }

    /// The bytes after which a partition writes what it has not.
    var limit: Int {
        let share = Self.total / max(1, logs.load(ordering: .relaxed))
        return min(max(share, Self.perLog.lowerBound), Self.perLog.upperBound)
    }
}
