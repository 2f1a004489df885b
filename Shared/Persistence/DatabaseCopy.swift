/// A file that `Database.backup` wrote and nobody serves: what a backup is judged by. Opened for reading only, nothing is
/// made beside it. Blocks; for one thread.
public final class DatabaseCopy {
    /// A group's place, and the cluster that it is on.
    public struct Place: Sendable, Equatable {
        /// The group.
        public let group: String
        /// The cluster.
        public let cluster: String
        /// The topic, the partition and the next offset.
        public let offset: ConsumerOffset
    }

    private let connection: Connection

    /// Opens the file. Throws what SQLite says.
    public init(_ path: String) throws {
        connection = try Connection(path: path, mode: .reader)
    }

    /// The number of the schema's last step.
    public func schemaVersion() throws -> Int {
        try connection.value("PRAGMA user_version") ?? 0
    }

    /// What SQLite finds wrong with it; empty when it is sound. Reads all of it.
    public func problems() throws -> [String] {
        let lines = try connection.rows("PRAGMA integrity_check") { row in try row[0] as String }
        return lines == ["ok"] ? [] : lines
    }

    /// The number of the last row that was ever in the outbox; 0 when there was none.
    public func lastOutboxRow() throws -> Int64 {
        try connection.value("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'") ?? 0
    }

    /// Every place of every group.
    public func places() throws -> [Place] {
        try connection.rows(
            "SELECT group_name, cluster_id, topic, partition, next_offset FROM consumer_offsets"
        ) { row in
            Place(
                group: try row[0],
                cluster: try row[1],
                offset: ConsumerOffset(topic: try row[2], partition: try row[3], next: try row[4])
            )
        }
    }
}
