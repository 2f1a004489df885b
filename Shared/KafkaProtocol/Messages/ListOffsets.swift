/// The request of ListOffsets (API key 2), versions 1 to 9.
public struct ListOffsetsRequest: Sendable, Equatable {
    /// `replicaId` (every version).
    public var replicaID: Int32
    /// `isolationLevel` (version 2 and later).
    public var isolationLevel: Int8
    /// `topics` (every version).
    public var topics: [ListOffsetsTopic]

    /// Every field has the protocol's default.
    public init(
        replicaID: Int32 = 0,
        isolationLevel: Int8 = 0,
        topics: [ListOffsetsTopic] = []
    ) {
        self.replicaID = replicaID
        self.isolationLevel = isolationLevel
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        replicaID = try reader.int32()
        if reader.version >= 2 { isolationLevel = try reader.int8() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try ListOffsetsTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(replicaID)
        if writer.version >= 2 { writer.int8(isolationLevel) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct ListOffsetsTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [ListOffsetsPartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [ListOffsetsPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ListOffsetsPartition(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct ListOffsetsPartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `currentLeaderEpoch` (version 4 and later).
        public var currentLeaderEpoch: Int32
        /// `timestamp` (every version).
        public var timestamp: Int64

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            timestamp: Int64 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.currentLeaderEpoch = currentLeaderEpoch
            self.timestamp = timestamp
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            if reader.version >= 4 { currentLeaderEpoch = try reader.int32() }
            timestamp = try reader.int64()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            if writer.version >= 4 { writer.int32(currentLeaderEpoch) }
            writer.int64(timestamp)
            writer.tags()
        }
    }
}

/// The response of ListOffsets (API key 2), versions 1 to 9.
public struct ListOffsetsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 2 and later).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [ListOffsetsTopicResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [ListOffsetsTopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 2 { throttleTimeMs = try reader.int32() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ListOffsetsTopicResponse(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 2 { writer.int32(throttleTimeMs) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct ListOffsetsTopicResponse: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [ListOffsetsPartitionResponse]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [ListOffsetsPartitionResponse] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ListOffsetsPartitionResponse(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct ListOffsetsPartitionResponse: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `timestamp` (every version).
        public var timestamp: Int64
        /// `offset` (every version).
        public var offset: Int64
        /// `leaderEpoch` (version 4 and later).
        public var leaderEpoch: Int32

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0,
            timestamp: Int64 = -1,
            offset: Int64 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            timestamp = try reader.int64()
            offset = try reader.int64()
            if reader.version >= 4 { leaderEpoch = try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.int64(timestamp)
            writer.int64(offset)
            if writer.version >= 4 { writer.int32(leaderEpoch) }
            writer.tags()
        }
    }
}
