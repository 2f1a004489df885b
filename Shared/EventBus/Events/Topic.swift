/// A topic as its producer declares it: name, partition count and how long its records are kept. Made at start by
/// `TopicAdmin`; another partition count than declared is a refusal to start, so it never changes in place.
public struct Topic: Sendable, Hashable {
    /// How long records are kept.
    public enum Retention: Sendable, Hashable {
        /// Facts: for ever, so read models can be rebuilt from offset 0.
        case forever
        /// At most this many milliseconds and, when given, this many bytes a partition.
        case limited(milliseconds: Int64, bytesPerPartition: Int64? = nil)
        /// The last record of each key; a record without a value deletes its key.
        case compacted
    }

    /// The partition count of a topic that declares none.
    public static let defaultPartitions = 12

    /// Milliseconds of an hour, for declarations.
    public static let hour: Int64 = 3_600_000
    /// Milliseconds of a day, for declarations.
    public static let day: Int64 = 24 * hour

    /// What a newer record of its key has replaced leaves a compacted topic within so many milliseconds: names of people who
    /// are gone among it.
    public static let compactionLag = day

    /// Letters, digits, `.` and `-`; never `_`, which Kafka does not tell from `.` in metric names.
    public let name: String
    /// How many partitions it has; fixed for the life of the topic.
    public let partitions: Int
    /// How long records are kept.
    public let retention: Retention
    /// Whether records are written here before they take effect, by no outbox: the place of one is then its offset.
    public let isLogFirst: Bool

    /// Declares a topic.
    public init(
        _ name: String,
        partitions: Int = Topic.defaultPartitions,
        retention: Retention = .forever,
        isLogFirst: Bool = false
    ) {
        self.name = name
        self.partitions = partitions
        self.retention = retention
        self.isLogFirst = isLogFirst
    }

    /// The topic's settings under Kafka's names.
    public var configuration: [(name: String, value: String)] {
        switch retention {
        case .forever:
            [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")]
        case .limited(let milliseconds, let bytes):
            [
                ("cleanup.policy", "delete"), ("retention.ms", String(milliseconds)),
                ("retention.bytes", String(bytes ?? -1)),
            ]
        case .compacted:
            [("cleanup.policy", "compact"), ("max.compaction.lag.ms", String(Topic.compactionLag))]
        }
    }

    /// Where a group's records go that cannot be decoded or handled; kept 30 days. One partition: they are few.
    public func deadLetters(of group: String) -> Topic {
        Topic("\(name).\(group).dlq", partitions: 1, retention: .limited(milliseconds: 30 * Topic.day))
    }

    /// Where records are sent back to from a group's dead letters; that group alone consumes it.
    public func redrive(of group: String) -> Topic {
        Topic("\(name).\(group).redrive", partitions: 1, retention: .limited(milliseconds: 30 * Topic.day))
    }
}
