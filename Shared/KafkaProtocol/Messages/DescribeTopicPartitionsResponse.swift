/// The response of DescribeTopicPartitions (API key 75), version 0.
public struct DescribeTopicPartitionsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [DescribeTopicPartitionsResponseTopic]
    /// `nextCursor` (every version).
    public var nextCursor: Cursor?

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [DescribeTopicPartitionsResponseTopic] = [],
        nextCursor: Cursor? = nil
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
        self.nextCursor = nextCursor
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeTopicPartitionsResponseTopic(from: &reader)
        }
        nextCursor = try reader.int8() < 0 ? nil : Cursor(from: &reader)
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.int8(nextCursor == nil ? -1 : 1)
        nextCursor?.encode(to: &writer)
        writer.tags()
    }

    /// An element of `topics`.
    public struct DescribeTopicPartitionsResponseTopic: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `name` (every version).
        public var name: String?
        /// `topicId` (every version).
        public var topicID: TopicID
        /// `isInternal` (every version).
        public var isInternal: Bool
        /// `partitions` (every version).
        public var partitions: [DescribeTopicPartitionsResponsePartition]
        /// `topicAuthorizedOperations` (every version).
        public var topicAuthorizedOperations: Int32

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            name: String? = nil,
            topicID: TopicID = .zero,
            isInternal: Bool = false,
            partitions: [DescribeTopicPartitionsResponsePartition] = [],
            topicAuthorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.name = name
            self.topicID = topicID
            self.isInternal = isInternal
            self.partitions = partitions
            self.topicAuthorizedOperations = topicAuthorizedOperations
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            name = try reader.nullableString()
            topicID = try reader.topicID()
            isInternal = try reader.bool()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribeTopicPartitionsResponsePartition(from: &reader)
            }
            topicAuthorizedOperations = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(name)
            writer.topicID(topicID)
            writer.bool(isInternal)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.int32(topicAuthorizedOperations)
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct DescribeTopicPartitionsResponsePartition: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `leaderId` (every version).
        public var leaderID: Int32
        /// `leaderEpoch` (every version).
        public var leaderEpoch: Int32
        /// `replicaNodes` (every version).
        public var replicaNodes: [Int32]
        /// `isrNodes` (every version).
        public var isrNodes: [Int32]
        /// `eligibleLeaderReplicas` (every version).
        public var eligibleLeaderReplicas: [Int32]?
        /// `lastKnownElr` (every version).
        public var lastKnownElr: [Int32]?
        /// `offlineReplicas` (every version).
        public var offlineReplicas: [Int32]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            eligibleLeaderReplicas: [Int32]? = nil,
            lastKnownElr: [Int32]? = nil,
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.eligibleLeaderReplicas = eligibleLeaderReplicas
            self.lastKnownElr = lastKnownElr
            self.offlineReplicas = offlineReplicas
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            partitionIndex = try reader.int32()
            leaderID = try reader.int32()
            leaderEpoch = try reader.int32()
            replicaNodes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            isrNodes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            eligibleLeaderReplicas = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                try reader.int32()
            }
            lastKnownElr = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in try reader.int32()
            }
            offlineReplicas = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.int32(partitionIndex)
            writer.int32(leaderID)
            writer.int32(leaderEpoch)
            writer.array(replicaNodes) { writer, element in writer.int32(element) }
            writer.array(isrNodes) { writer, element in writer.int32(element) }
            writer.array(eligibleLeaderReplicas) { writer, element in writer.int32(element) }
            writer.array(lastKnownElr) { writer, element in writer.int32(element) }
            writer.array(offlineReplicas) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }

    /// The value of `nextCursor`.
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
