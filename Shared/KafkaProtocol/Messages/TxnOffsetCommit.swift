/// The request of TxnOffsetCommit (API key 28), versions 0 to 4.
public struct TxnOffsetCommitRequest: Sendable, Equatable {
    /// `transactionalId` (every version).
    public var transactionalID: String
    /// `groupId` (every version).
    public var groupID: String
    /// `producerId` (every version).
    public var producerID: Int64
    /// `producerEpoch` (every version).
    public var producerEpoch: Int16
    /// `generationId` (version 3 and later).
    public var generationID: Int32
    /// `memberId` (version 3 and later).
    public var memberID: String
    /// `groupInstanceId` (version 3 and later).
    public var groupInstanceID: String?
    /// `topics` (every version).
    public var topics: [TxnOffsetCommitRequestTopic]

    /// Every field has the protocol's default.
    public init(
        transactionalID: String = "",
        groupID: String = "",
        producerID: Int64 = 0,
        producerEpoch: Int16 = 0,
        generationID: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        topics: [TxnOffsetCommitRequestTopic] = []
    ) {
        self.transactionalID = transactionalID
        self.groupID = groupID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalID = try reader.string()
        groupID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        if reader.version >= 3 { generationID = try reader.int32() }
        if reader.version >= 3 { memberID = try reader.string() }
        if reader.version >= 3 { groupInstanceID = try reader.nullableString() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TxnOffsetCommitRequestTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(transactionalID)
        writer.string(groupID)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        if writer.version >= 3 { writer.int32(generationID) }
        if writer.version >= 3 { writer.string(memberID) }
        if writer.version >= 3 { writer.string(groupInstanceID) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct TxnOffsetCommitRequestTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [TxnOffsetCommitRequestPartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [TxnOffsetCommitRequestPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try TxnOffsetCommitRequestPartition(from: &reader)
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
    public struct TxnOffsetCommitRequestPartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `committedOffset` (every version).
        public var committedOffset: Int64
        /// `committedLeaderEpoch` (version 2 and later).
        public var committedLeaderEpoch: Int32
        /// `committedMetadata` (every version).
        public var committedMetadata: String?

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            committedMetadata: String? = nil
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.committedMetadata = committedMetadata
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            committedOffset = try reader.int64()
            if reader.version >= 2 { committedLeaderEpoch = try reader.int32() }
            committedMetadata = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int64(committedOffset)
            if writer.version >= 2 { writer.int32(committedLeaderEpoch) }
            writer.string(committedMetadata)
            writer.tags()
        }
    }
}

/// The response of TxnOffsetCommit (API key 28), versions 0 to 4.
public struct TxnOffsetCommitResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [TxnOffsetCommitResponseTopic]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [TxnOffsetCommitResponseTopic] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TxnOffsetCommitResponseTopic(from: &reader)
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
    public struct TxnOffsetCommitResponseTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [TxnOffsetCommitResponsePartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [TxnOffsetCommitResponsePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try TxnOffsetCommitResponsePartition(from: &reader)
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
    public struct TxnOffsetCommitResponsePartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.tags()
        }
    }
}
