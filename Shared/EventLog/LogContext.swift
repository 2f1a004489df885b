import System
import Telemetry

/// What all partitions of a store share.
struct LogContext: Sendable {
    let configuration: LogStoreConfiguration
    let fileSystem: any FileSystem
    let files: SegmentFiles
    let commitPath: any CommitPath
    let clock: WallClock
    let logger: Logger
    let leaderEpoch: Int32
}
