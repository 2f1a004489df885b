/// A consumer group's place in one partition of one cluster, kept beside the effects of what it has consumed.
public struct ConsumerOffset: Sendable, Hashable {
    /// The topic.
    public var topic: String
    /// The partition.
    public var partition: Int32
    /// The offset of the first record that has not taken effect.
    public var next: Int64

    /// A place.
    public init(topic: String, partition: Int32, next: Int64) {
        self.topic = topic
        self.partition = partition
        self.next = next
    }
}

extension Transaction {
    /// Keeps a place, in the transaction that applies what comes before it.
    public borrowing func setOffset(_ offset: ConsumerOffset, cluster: String, group: String) throws {
        try execute(
            """
            INSERT INTO consumer_offsets (cluster_id, group_name, topic, partition, next_offset)
            VALUES (\(cluster), \(group), \(offset.topic), \(offset.partition), \(offset.next))
            ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset
            """
        )
    }

    /// Puts a group's places on a cluster that it was moved to in place of all that it had.
    public borrowing func adoptCluster(_ cluster: String, group: String, _ places: [ConsumerOffset]) throws {
        try execute("DELETE FROM consumer_offsets WHERE group_name = \(group)")
        for place in places { try setOffset(place, cluster: cluster, group: group) }
    }

    /// Forgets what a group has applied, so that it can be applied anew: in a copy of the file. The inbox goes with it.
    public borrowing func forgetApplied(by group: String) throws {
        try execute("DELETE FROM consumer_offsets WHERE group_name = \(group)")
        try execute("DELETE FROM applied_positions WHERE group_name = \(group)")
        try execute("DELETE FROM inbox")
    }
}

extension Connection {
    /// All places of a group on a cluster.
    public func offsets(cluster: String, group: String) throws -> [ConsumerOffset] {
        try rows(
            """
            SELECT topic, partition, next_offset FROM consumer_offsets
            WHERE cluster_id = \(cluster) AND group_name = \(group) ORDER BY topic, partition
            """
        ) { row in ConsumerOffset(topic: try row[0], partition: try row[1], next: try row[2]) }
    }

    /// The clusters a group has places on; another one than the present is a refusal to start.
    public func offsetClusters(group: String) throws -> [String] {
        try rows(
            "SELECT DISTINCT cluster_id FROM consumer_offsets WHERE group_name = \(group) ORDER BY cluster_id"
        ) { row in try row[0] }
    }
}

enum ConsumerOffsets {
    static let schema = """
        CREATE TABLE IF NOT EXISTS consumer_offsets (
            group_name TEXT NOT NULL,
            cluster_id TEXT NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            next_offset INTEGER NOT NULL,
            PRIMARY KEY (group_name, cluster_id, topic, partition)
        ) STRICT, WITHOUT ROWID;

        """
}
