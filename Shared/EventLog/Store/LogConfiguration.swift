import KafkaProtocol

/// How a store works, the same for all its topics.
public struct LogStoreConfiguration: Sendable {
    /// When an append counts as durable.
    public enum Durability: Sendable {
        /// After `fdatasync`: it survives the loss of power.
        case synchronized
        /// After the operating system has it: it survives the process only, as Apache Kafka's default does.
        case operatingSystem
    }

    /// When an append counts as durable.
    public var durability = Durability.synchronized
    /// Bytes of the write-ahead ring; 0: none, and each round syncs its segments. Used when durability is synchronized.
    public var ringBytes = 16 << 20
    /// Bytes of the largest round that goes into the ring; a larger one syncs its segments.
    public var ringRoundBytes = 256 << 10
    /// Bytes of recent batches of all partitions that are kept in memory for readers at the end of the log.
    public var tailBytes = 16 << 20
    /// Most segment files open at a time; a quarter of the descriptors that the process may have, when that is less.
    public var openFiles = 512
    /// So many partitions may stay open although nobody uses them.
    public var openLogs = 1000
    /// Milliseconds without use after which one of more than `openLogs` partitions is closed.
    public var idleMilliseconds: Int64 = 10_000
    /// Milliseconds between two writes of the checkpoint, which bounds what recovery scans.
    public var checkpointInterval: Int64 = 1000
    /// Milliseconds between two rounds of retention.
    public var retentionInterval: Int64 = 300_000
    /// Threads for reads of the disk.
    public var readThreads = 2
    /// Milliseconds between two looks for a log to compact (`log.cleaner.backoff.ms`); 0: never by itself.
    public var cleanerInterval: Int64 = 15_000
    /// Most keys that compaction holds in memory at a time.
    public var cleanerKeys = LatestOffsets.maximumKeys
    /// Bytes that compaction reads and writes in a second (`log.cleaner.io.max.bytes.per.second`).
    public var cleanerBytesPerSecond = 32 << 20
    /// Settings of topics that do not say otherwise, by Kafka's names.
    public var topicDefaults: [String: String] = [:]

    /// The defaults.
    public init() {}
}

/// The settings of a topic, by Kafka's names and with Kafka's defaults (`TopicConfig`).
public struct TopicConfiguration: Sendable, Equatable {
    /// What was set explicitly, by Kafka's names.
    public let overrides: [String: String]
    /// `segment.bytes`.
    public private(set) var segmentBytes = 1 << 30
    /// `segment.ms`: a segment is closed when its first record is older.
    public private(set) var segmentMilliseconds: Int64 = 604_800_000
    /// `retention.ms`; negative: for ever.
    public private(set) var retentionMilliseconds: Int64 = 604_800_000
    /// `retention.bytes` per partition; negative: no limit.
    public private(set) var retentionBytes: Int64 = -1
    /// `max.message.bytes` of a batch.
    public private(set) var maximumMessageBytes = 1_048_588
    /// `index.interval.bytes`.
    public private(set) var indexIntervalBytes = 4096
    /// `message.timestamp.type` is `LogAppendTime`.
    public private(set) var usesLogAppendTime = false
    /// `message.timestamp.before.max.ms`.
    public private(set) var timestampBeforeMaximum = Int64.max
    /// `message.timestamp.after.max.ms`.
    public private(set) var timestampAfterMaximum: Int64 = 3_600_000
    /// `cleanup.policy` contains `delete`.
    public private(set) var deletes = true
    /// `cleanup.policy` contains `compact`.
    public private(set) var compacts = false
    /// `min.cleanable.dirty.ratio`: compaction waits until this share of the log is new.
    public private(set) var minimumDirtyRatio = 0.5
    /// `min.compaction.lag.ms`: younger records are left alone.
    public private(set) var minimumCompactionLag: Int64 = 0
    /// `max.compaction.lag.ms`: older records are compacted, whatever their share.
    public private(set) var maximumCompactionLag = Int64.max
    /// `delete.retention.ms`: tombstones and markers stay this long from their first compaction on.
    public private(set) var deleteRetentionMilliseconds: Int64 = 86_400_000

    /// `compression.type`: the codec that batches are stored in; nil leaves them as their producer made them.
    private(set) var compression: Compression?

    /// Milliseconds after which a segment takes no more records.
    var maximumSegmentAge: Int64 {
        compacts ? min(segmentMilliseconds, maximumCompactionLag) : segmentMilliseconds
    }

    private static let codecs: [String: Compression] = [
        "uncompressed": .none, "gzip": .gzip, "snappy": .snappy, "lz4": .lz4, "zstd": .zstd,
    ]

    /// All settings with their default values, for DescribeConfigs.
    public static let defaults: [String: String] = [
        "cleanup.policy": "delete", "compression.type": "producer", "delete.retention.ms": "86400000",
        "file.delete.delay.ms": "60000", "flush.messages": "9223372036854775807", "flush.ms": "9223372036854775807",
        "index.interval.bytes": "4096", "max.compaction.lag.ms": "9223372036854775807",
        "max.message.bytes": "1048588", "message.timestamp.after.max.ms": "3600000",
        "message.timestamp.before.max.ms": "9223372036854775807", "message.timestamp.type": "CreateTime",
        "min.cleanable.dirty.ratio": "0.5", "min.compaction.lag.ms": "0", "min.insync.replicas": "1",
        "preallocate": "false", "retention.bytes": "-1", "retention.ms": "604800000", "segment.bytes": "1073741824",
        "segment.index.bytes": "10485760", "segment.jitter.ms": "0", "segment.ms": "604800000",
        "unclean.leader.election.enable": "false", "message.format.version": "3.0-IV1",
        "message.downconversion.enable": "false", "follower.replication.throttled.replicas": "",
        "leader.replication.throttled.replicas": "",
    ]

    /// Settings from Kafka's names; `overrides` win over `defaults`. Errors: invalidConfiguration.
    public init(overrides: [String: String] = [:], defaults: [String: String] = [:]) throws(LogError) {
        self.overrides = overrides
        for (name, value) in defaults.merging(overrides, uniquingKeysWith: { _, new in new }) {
            try set(name, value)
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(LogError) {
        switch name {
        case "segment.bytes": segmentBytes = Int(try Self.number(name, value, 1024...Int64(Int32.max)))
        case "segment.ms": segmentMilliseconds = try Self.number(name, value, 1...Int64.max)
        case "retention.ms": retentionMilliseconds = try Self.number(name, value, -1...Int64.max)
        case "retention.bytes": retentionBytes = try Self.number(name, value, -1...Int64.max)
        case "max.message.bytes": maximumMessageBytes = Int(try Self.number(name, value, 0...Int64(Int32.max)))
        case "index.interval.bytes": indexIntervalBytes = Int(try Self.number(name, value, 0...Int64(Int32.max)))
        case "message.timestamp.before.max.ms": timestampBeforeMaximum = try Self.number(name, value, 0...Int64.max)
        case "message.timestamp.after.max.ms": timestampAfterMaximum = try Self.number(name, value, 0...Int64.max)
        case "min.cleanable.dirty.ratio":
            guard let ratio = Double(value), (0...1).contains(ratio) else { throw Self.invalid(name, value) }
            minimumDirtyRatio = ratio
        case "min.compaction.lag.ms": minimumCompactionLag = try Self.number(name, value, 0...Int64.max)
        case "max.compaction.lag.ms": maximumCompactionLag = try Self.number(name, value, 1...Int64.max)
        case "delete.retention.ms": deleteRetentionMilliseconds = try Self.number(name, value, 0...Int64.max)
        case "message.timestamp.type":
            guard value == "CreateTime" || value == "LogAppendTime" else { throw Self.invalid(name, value) }
            usesLogAppendTime = value == "LogAppendTime"
        case "cleanup.policy":
            let policies = value.split(separator: ",").map { $0.filter { $0 != " " } }
            // None is allowed: all is kept (Apache Kafka from 4.2 on).
            guard policies.allSatisfy({ $0 == "delete" || $0 == "compact" }) else {
                throw Self.invalid(name, value)
            }
            deletes = policies.contains("delete")
            compacts = policies.contains("compact")
        case "compression.type":
            guard value == "producer" || Self.codecs[value] != nil else { throw Self.invalid(name, value) }
            compression = Self.codecs[value]
        default: try Self.check(name, value)
        }
    }

    /// Settings that are kept and told, and change nothing here: those of replicas, files and the page cache.
    private static func check(_ name: String, _ value: String) throws(LogError) {
        switch name {
        case "min.insync.replicas", "flush.messages": _ = try number(name, value, 1...Int64.max)
        case "file.delete.delay.ms", "flush.ms", "segment.jitter.ms": _ = try number(name, value, 0...Int64.max)
        case "segment.index.bytes": _ = try number(name, value, 4...Int64(Int32.max))
        case "unclean.leader.election.enable", "preallocate", "message.downconversion.enable":
            guard value == "true" || value == "false" else { throw invalid(name, value) }
        default:
            guard defaults[name] != nil else { throw .invalidConfiguration("unknown topic setting \(name)") }
        }
    }

    private static func number(_ name: String, _ value: String, _ range: ClosedRange<Int64>) throws(LogError) -> Int64 {
        guard let number = Int64(value), range.contains(number) else { throw invalid(name, value) }
        return number
    }

    private static func invalid(_ name: String, _ value: String) -> LogError {
        .invalidConfiguration("invalid value \(value) for topic setting \(name)")
    }
}
