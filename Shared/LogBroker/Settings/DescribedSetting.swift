import EventLog

/// Where a setting's value comes from; raw values are the protocol's (`DescribeConfigsResponse.ConfigSource`).
enum SettingSource: Int8 {
    case topic = 1
    case dynamicBroker = 2
    case dynamicDefault = 3
    case broker = 4
    case defaultValue = 5
}

/// What a value is; raw values are the protocol's (`DescribeConfigsResponse.ConfigType`).
enum SettingType: Int8 {
    case boolean = 1
    case string = 2
    case int = 3
    case long = 5
    case double = 6
    case list = 7
}

/// A setting for people and tools.
struct DescribedSetting {
    struct Synonym {
        let name: String
        let value: String?
        let source: SettingSource
    }

    let name: String
    let value: String?
    let source: SettingSource
    var type = SettingType.string
    var isReadOnly = false
    var documentation = ""
    /// Every place that gives a value, the one that counts first.
    var synonyms: [Synonym] = []
}

extension TopicConfiguration {
    /// All settings with the values that apply, by name.
    var described: [DescribedSetting] {
        Self.defaults.keys.sorted().map { name in
            let known = TopicSetting.all[name]
            let value = overrides[name]
            var setting = DescribedSetting(
                name: name,
                value: value ?? Self.defaults[name],
                source: value == nil ? .defaultValue : .topic,
                type: known?.type ?? .string,
                documentation: known?.documentation ?? ""
            )
            if let value { setting.synonyms.append(.init(name: name, value: value, source: .topic)) }
            setting.synonyms.append(
                .init(name: known?.brokerName ?? name, value: Self.defaults[name], source: .defaultValue)
            )
            return setting
        }
    }
}

/// What is known of a topic setting beside its default.
struct TopicSetting {
    let type: SettingType
    /// The broker's setting that gives the default, in Apache Kafka.
    let brokerName: String
    let documentation: String

    private init(_ type: SettingType, _ brokerName: String, _ documentation: String) {
        (self.type, self.brokerName, self.documentation) = (type, brokerName, documentation)
    }

    static let all: [String: TopicSetting] = [
        "cleanup.policy": .init(.list, "log.cleanup.policy", "delete, compact or both: what becomes of old segments"),
        "compression.type": .init(.string, "compression.type", "producer: batches are kept as they come"),
        "delete.retention.ms": .init(
            .long,
            "log.cleaner.delete.retention.ms",
            "How long a compacted topic keeps the mark of a deletion"
        ),
        "file.delete.delay.ms": .init(.long, "log.segment.delete.delay.ms", "Not used: files go at once"),
        "flush.messages": .init(
            .long,
            "log.flush.interval.messages",
            "Not used: every batch is synced before its answer"
        ),
        "flush.ms": .init(.long, "log.flush.interval.ms", "Not used: every batch is synced before its answer"),
        "follower.replication.throttled.replicas": .init(
            .list,
            "follower.replication.throttled.replicas",
            "Not used: there is one replica"
        ),
        "index.interval.bytes": .init(.int, "log.index.interval.bytes", "Bytes of records between two index entries"),
        "leader.replication.throttled.replicas": .init(
            .list,
            "leader.replication.throttled.replicas",
            "Not used: there is one replica"
        ),
        "max.compaction.lag.ms": .init(
            .long,
            "log.cleaner.max.compaction.lag.ms",
            "The longest that a record may wait for compaction"
        ),
        "max.message.bytes": .init(.int, "message.max.bytes", "Largest record batch"),
        "message.downconversion.enable": .init(.boolean, "log.message.downconversion.enable", "Not done"),
        "message.format.version": .init(.string, "log.message.format.version", "Always format 2"),
        "message.timestamp.after.max.ms": .init(
            .long,
            "log.message.timestamp.after.max.ms",
            "How far a record's time may be in the future"
        ),
        "message.timestamp.before.max.ms": .init(
            .long,
            "log.message.timestamp.before.max.ms",
            "How far a record's time may be in the past"
        ),
        "message.timestamp.type": .init(
            .string,
            "log.message.timestamp.type",
            "CreateTime: the producer's time; LogAppendTime: the broker's"
        ),
        "min.cleanable.dirty.ratio": .init(
            .double,
            "log.cleaner.min.cleanable.ratio",
            "Share of a log that is new since its last compaction, from which on it is compacted"
        ),
        "min.compaction.lag.ms": .init(
            .long,
            "log.cleaner.min.compaction.lag.ms",
            "The shortest that a record stays as it came"
        ),
        "min.insync.replicas": .init(.int, "min.insync.replicas", "There is one replica"),
        "preallocate": .init(.boolean, "log.preallocate", "Not used"),
        "retention.bytes": .init(
            .long,
            "log.retention.bytes",
            "Size of a partition beyond which old segments go; -1: none"
        ),
        "retention.ms": .init(.long, "log.retention.ms", "Age beyond which segments go; -1: none"),
        "segment.bytes": .init(.int, "log.segment.bytes", "Size of a segment"),
        "segment.index.bytes": .init(.int, "log.index.size.max.bytes", "Not used: indexes grow as they need"),
        "segment.jitter.ms": .init(.long, "log.roll.jitter.ms", "Not used"),
        "segment.ms": .init(.long, "log.roll.ms", "Age of a segment's first record after which a new one begins"),
        "unclean.leader.election.enable": .init(
            .boolean,
            "unclean.leader.election.enable",
            "There is one replica"
        ),
    ]
}
