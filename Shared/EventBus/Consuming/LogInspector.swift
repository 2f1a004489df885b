public import Telemetry

/// A topic with what its log holds.
public struct TopicState: Sendable, Equatable {
    /// The topic's name.
    public let name: String
    /// Of each partition the offset of the first record, and of the next one to come.
    public let partitions: [Range<Int64>]
}

/// A record as the log holds it.
public struct StoredRecord: Sendable, Equatable {
    /// Its offset.
    public let offset: Int64
    /// Milliseconds since 1970.
    public let timestamp: Int64
    /// The key's bytes.
    public let key: [UInt8]?
    /// The headers, in order.
    public let headers: [EventHeader]
    /// The value's bytes; nil is a tombstone.
    public let value: [UInt8]?
}

/// A consumer group.
public struct GroupState: Sendable, Equatable {
    /// One consumer in it.
    public struct Member: Sendable, Equatable {
        /// What it calls itself.
        public let clientID: String
        /// The address that it came from.
        public let host: String
        /// How many partitions are its.
        public let partitions: Int
    }

    /// Where the group is in a partition.
    public struct Place: Sendable, Equatable {
        /// The partition's topic.
        public let topic: String
        /// The partition.
        public let partition: Int32
        /// The offset to read next, as the group has told.
        public let committed: Int64
        /// Records that it has not read.
        public let lag: Int64
    }

    /// The state of a group without members and without a protocol for them.
    public static let simple = "Simple"

    /// The group's name.
    public let name: String
    /// Kafka's word, such as `Stable` or `Empty`, or `Simple` for a group that nobody joins: who reads takes the partitions
    /// without asking and only tells the offsets here, so nothing is known of whether somebody does.
    public let state: String
    /// Its consumers.
    public let members: [Member]
    /// Where it is, by topic and partition.
    public var places: [Place] = []
}

/// Topics, records and groups as an operator sees them. Every method makes a client of its own and blocks, at most some
/// seconds: not on an event loop.
public struct LogInspector: Sendable {
    /// Bytes of keys, headers and values that ``records(of:partition:from:limit:)`` returns at most, one record excepted.
    static let byteLimit = 4 << 20
    private static let timeoutMilliseconds: Int32 = 3000

    private let kafka: KafkaConfiguration
    private let logger: Logger

    /// An inspector of a cluster.
    public init(_ configuration: KafkaConfiguration, logger: Logger) {
        kafka = configuration
        self.logger = logger
    }

    /// The topics behind a name in the order of names, at most so many, with what they hold.
    public func topics(after name: String = "", limit: Int) throws(EventError) -> [TopicState] {
        try KafkaConsumer.once(kafka, logger: logger) { consumer throws(EventError) in
            let all = try consumer.client.describeTopics(timeoutMilliseconds: Self.timeoutMilliseconds)
            return try Self.states(of: Array(all.filter { $0.name > name }.prefix(limit)), consumer)
        }
    }

    /// One topic with what it holds; nil when there is none of the name.
    public func topic(_ name: String) throws(EventError) -> TopicState? {
        try KafkaConsumer.once(kafka, logger: logger) { consumer throws(EventError) in
            let all = try consumer.client.describeTopics(timeoutMilliseconds: Self.timeoutMilliseconds)
            return try Self.states(of: all.filter { $0.name == name }, consumer).first
        }
    }

    /// Records of a partition from an offset on, in order: at most so many, fewer when they are large. The offset must be
    /// in the log or at its end.
    public func records(
        of topic: String,
        partition: Int32,
        from offset: Int64,
        limit: Int
    ) throws(EventError) -> [StoredRecord] {
        try KafkaConsumer.once(kafka, logger: logger) { consumer throws(EventError) in
            try consumer.records(of: topic, partition: partition, from: offset, limit: limit, byteLimit: Self.byteLimit)
                .map(StoredRecord.init)
        }
    }

    /// All groups with their members and how far they are behind.
    public func groups() throws(EventError) -> [GroupState] {
        try KafkaConsumer.once(kafka, logger: logger) { consumer throws(EventError) in
            let client = consumer.client
            let names = try client.groupNames(timeoutMilliseconds: Self.timeoutMilliseconds)
            var groups = try client.describe(groups: names, timeoutMilliseconds: Self.timeoutMilliseconds)
            var committed: [KafkaPartitions] = []
            for group in groups {
                var places = try client.committedOffsets(
                    of: group.name,
                    timeoutMilliseconds: Self.timeoutMilliseconds
                )
                places.elements.removeAll { $0.offset < 0 }
                committed.append(places)
            }
            let all = KafkaPartitions(Self.distinct(committed.flatMap(\.elements)))
            let ends = all.elements.isEmpty ? [:] : try Self.ends(of: all, consumer)
            for index in groups.indices {
                groups[index].places = committed[index].elements.map { element in
                    let place = EventPosition.Partition(topic: element.topic, partition: element.partition)
                    return GroupState.Place(
                        topic: element.topic,
                        partition: element.partition,
                        committed: element.offset,
                        lag: max(0, (ends[place] ?? element.offset) - element.offset)
                    )
                }
                .sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
            }
            return groups
        }
    }

    // MARK: One call

    private static func states(
        of topics: [TopicDescription],
        _ consumer: KafkaConsumer
    ) throws(EventError) -> [TopicState] {
        let all = KafkaPartitions(
            topics.flatMap { topic in (0..<Int32(clamping: topic.partitions)).map { (topic.name, $0, Int64(0)) } }
        )
        guard !all.elements.isEmpty else { return [] }
        let starts = try consumer.starts(of: all, timeoutMilliseconds: timeoutMilliseconds).offsets
        let ends = try ends(of: all, consumer)
        return topics.map { topic in
            let bounds = (0..<Int32(clamping: topic.partitions)).map { partition -> Range<Int64> in
                let place = EventPosition.Partition(topic: topic.name, partition: partition)
                let start = starts[place] ?? 0
                return start..<max(start, ends[place] ?? start)
            }
            return TopicState(name: topic.name, partitions: bounds)
        }
    }

    private static func ends(
        of partitions: KafkaPartitions,
        _ consumer: KafkaConsumer
    ) throws(EventError) -> [EventPosition.Partition: Int64] {
        try consumer.ends(of: partitions, timeoutMilliseconds: timeoutMilliseconds).offsets
    }

    private static func distinct(
        _ elements: [(topic: String, partition: Int32, offset: Int64)]
    ) -> [(topic: String, partition: Int32, offset: Int64)] {
        var seen: Set<EventPosition.Partition> = []
        return elements.filter { seen.insert(.init(topic: $0.topic, partition: $0.partition)).inserted }
    }
}

extension StoredRecord {
    init(_ record: KafkaRecord) {
        self.init(
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key,
            headers: record.headers,
            value: record.value
        )
    }
}
