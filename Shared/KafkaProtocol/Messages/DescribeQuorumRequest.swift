/// The request of DescribeQuorum (API key 55), versions 0 to 2.
public struct DescribeQuorumRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [TopicData]

    /// Every field has the protocol's default.
    public init(
        topics: [TopicData] = []
    ) {
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicData(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct TopicData: Sendable, Equatable {
        /// `topicName` (every version).
        public var topicName: String
        /// `partitions` (every version).
        public var partitions: [PartitionData]

        /// Every field has the protocol's default.
        public init(
            topicName: String = "",
            partitions: [PartitionData] = []
        ) {
            self.topicName = topicName
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicName = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionData(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topicName)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct PartitionData: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0
        ) {
            self.partitionIndex = partitionIndex
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.tags()
        }
    }
}
