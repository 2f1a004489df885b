/// The request of OffsetForLeaderEpoch (API key 23), versions 2 to 4.
public struct OffsetForLeaderEpochRequest: Sendable, Equatable {
    /// `replicaId` (version 3 and later).
    public var replicaID: Int32
    /// `topics` (every version).
    public var topics: [OffsetForLeaderTopic]

    /// Every field has the protocol's default.
    public init(
        replicaID: Int32 = -2,
        topics: [OffsetForLeaderTopic] = []
    ) {
        self.replicaID = replicaID
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { replicaID = try reader.int32() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try OffsetForLeaderTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.int32(replicaID) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetForLeaderTopic: Sendable, Equatable {
        /// `topic` (every version).
        public var topic: String
        /// `partitions` (every version).
        public var partitions: [OffsetForLeaderPartition]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            partitions: [OffsetForLeaderPartition] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topic = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetForLeaderPartition(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topic)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct OffsetForLeaderPartition: Sendable, Equatable {
        /// `partition` (every version).
        public var partition: Int32
        /// `currentLeaderEpoch` (every version).
        public var currentLeaderEpoch: Int32
        /// `leaderEpoch` (every version).
        public var leaderEpoch: Int32

        /// Every field has the protocol's default.
        public init(
            partition: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            leaderEpoch: Int32 = 0
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.leaderEpoch = leaderEpoch
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partition = try reader.int32()
            currentLeaderEpoch = try reader.int32()
            leaderEpoch = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partition)
            writer.int32(currentLeaderEpoch)
            writer.int32(leaderEpoch)
            writer.tags()
        }
    }
}

/// The response of OffsetForLeaderEpoch (API key 23), versions 2 to 4.
public struct OffsetForLeaderEpochResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [OffsetForLeaderTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetForLeaderTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try OffsetForLeaderTopicResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetForLeaderTopicResult: Sendable, Equatable {
        /// `topic` (every version).
        public var topic: String
        /// `partitions` (every version).
        public var partitions: [EpochEndOffset]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            partitions: [EpochEndOffset] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topic = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try EpochEndOffset(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topic)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct EpochEndOffset: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `partition` (every version).
        public var partition: Int32
        /// `leaderEpoch` (every version).
        public var leaderEpoch: Int32
        /// `endOffset` (every version).
        public var endOffset: Int64

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            partition: Int32 = 0,
            leaderEpoch: Int32 = -1,
            endOffset: Int64 = -1
        ) {
            self.errorCode = errorCode
            self.partition = partition
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            partition = try reader.int32()
            leaderEpoch = try reader.int32()
            endOffset = try reader.int64()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.int32(partition)
            writer.int32(leaderEpoch)
            writer.int64(endOffset)
            writer.tags()
        }
    }
}
