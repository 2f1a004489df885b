/// The request of DescribeTopicPartitions (API key 75), version 0.
public struct DescribeTopicPartitionsRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [TopicRequest]
    /// `responsePartitionLimit` (every version).
    public var responsePartitionLimit: Int32
    /// `cursor` (every version).
    public var cursor: Cursor?

    /// Every field has the protocol's default.
    public init(
        topics: [TopicRequest] = [],
        responsePartitionLimit: Int32 = 2000,
        cursor: Cursor? = nil
    ) {
        self.topics = topics
        self.responsePartitionLimit = responsePartitionLimit
        self.cursor = cursor
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicRequest(from: &reader) }
        responsePartitionLimit = try reader.int32()
        cursor = try reader.int8() < 0 ? nil : Cursor(from: &reader)
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.int32(responsePartitionLimit)
        writer.int8(cursor == nil ? -1 : 1)
        cursor?.encode(to: &writer)
        writer.tags()
    }

    /// An element of `topics`.
    public struct TopicRequest: Sendable, Equatable {
        /// `name` (every version).
        public var name: String

        /// Every field has the protocol's default.
        public init(
            name: String = ""
        ) {
            self.name = name
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.tags()
        }
    }

    /// The value of `cursor`.
    public struct Cursor: Sendable, Equatable {
        /// `topicName` (every version).
        public var topicName: String
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32

        /// Every field has the protocol's default.
        public init(
            topicName: String = "",
            partitionIndex: Int32 = 0
        ) {
            self.topicName = topicName
            self.partitionIndex = partitionIndex
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicName = try reader.string()
            partitionIndex = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topicName)
            writer.int32(partitionIndex)
            writer.tags()
        }
    }
}
