import KafkaProtocol

/// A partition's name.
struct TopicPartition: Sendable, Hashable {
    let topic: String
    let partition: Int32
}

/// How far a group has read a partition.
struct CommittedOffset: Sendable, Equatable {
    var offset: Int64
    var leaderEpoch: Int32
    /// The client's own text.
    var metadata: String
    /// Milliseconds since 1970.
    var timestamp: Int64
    /// Where its record is in the log of offsets: of a plain commit and a transaction's, the later one counts.
    var position: Int64 = -1
}

/// A record of `__consumer_offsets`, in Apache Kafka's form (OffsetCommitKey 1, OffsetCommitValue 3).
///
///     key:   version i16 = 1 | group string | topic string | partition i32
///     value: version i16 = 3 | offset i64 | leaderEpoch i32 | metadata string | commitTimestamp i64; absent: deleted
struct OffsetRecord: Sendable, Equatable {
    static let keyVersion: Int16 = 1
    static let valueVersion: Int16 = 3

    var group: String
    var partition: TopicPartition
    /// Nil deletes it.
    var value: CommittedOffset?
    /// Where it is in the log; -1 before it is there.
    var position: Int64 = -1 {
        didSet { value?.position = position }
    }

    var key: [UInt8] {
        var writer = WireWriter()
        writer.int16(Self.keyVersion)
        writer.string(group)
        writer.string(partition.topic)
        writer.int32(partition.partition)
        return writer.bytes
    }

    var encodedValue: [UInt8]? {
        guard let value else { return nil }
        var writer = WireWriter()
        writer.int16(Self.valueVersion)
        writer.int64(value.offset)
        writer.int32(value.leaderEpoch)
        writer.string(value.metadata)
        writer.int64(value.timestamp)
        return writer.bytes
    }

    init(group: String, partition: TopicPartition, value: CommittedOffset?) {
        self.group = group
        self.partition = partition
        self.value = value
    }

    /// Reads a record; nil for one of another kind. Errors: what the bytes lack.
    init?(_ record: Record) throws(WireError) {
        position = record.offset
        guard let key = record.key else { return nil }
        var reader = WireReader(Array(key))
        let version = try reader.int16()
        guard version == 0 || version == Self.keyVersion else { return nil }
        group = try reader.string()
        let topic = try reader.string()
        partition = TopicPartition(topic: topic, partition: try reader.int32())
        guard let bytes = record.value else { return }
        var value = WireReader(Array(bytes))
        let valueVersion = try value.int16()
        guard valueVersion == 1 || valueVersion == Self.valueVersion else { return nil }
        let offset = try value.int64()
        let epoch = valueVersion == Self.valueVersion ? try value.int32() : -1
        let metadata = try value.string()
        let timestamp = try value.int64()
        self.value = CommittedOffset(
            offset: offset,
            leaderEpoch: epoch,
            metadata: metadata,
            timestamp: timestamp,
            position: position
        )
    }
}
