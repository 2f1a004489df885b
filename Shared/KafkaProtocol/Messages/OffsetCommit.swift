/// The request of OffsetCommit (API key 8), versions 2 to 9.
public struct OffsetCommitRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `generationIdOrMemberEpoch` (every version).
    public var generationIDOrMemberEpoch: Int32
    /// `memberId` (every version).
    public var memberID: String
    /// `groupInstanceId` (version 7 and later).
    public var groupInstanceID: String?
    /// `retentionTimeMs` (up to version 4).
    public var retentionTimeMs: Int64
    /// `topics` (every version).
    public var topics: [OffsetCommitRequestTopic]

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        generationIDOrMemberEpoch: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        retentionTimeMs: Int64 = -1,
        topics: [OffsetCommitRequestTopic] = []
    ) {
        self.groupID = groupID
        self.generationIDOrMemberEpoch = generationIDOrMemberEpoch
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.retentionTimeMs = retentionTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        generationIDOrMemberEpoch = try reader.int32()
        memberID = try reader.string()
        if reader.version >= 7 { groupInstanceID = try reader.nullableString() }
        if reader.version <= 4 { retentionTimeMs = try reader.int64() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try OffsetCommitRequestTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        writer.int32(generationIDOrMemberEpoch)
        writer.string(memberID)
        if writer.version >= 7 { writer.string(groupInstanceID) }
        if writer.version <= 4 { writer.int64(retentionTimeMs) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetCommitRequestTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [OffsetCommitRequestPartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [OffsetCommitRequestPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetCommitRequestPartition(from: &reader)
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
    public struct OffsetCommitRequestPartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `committedOffset` (every version).
        public var committedOffset: Int64
        /// `committedLeaderEpoch` (version 6 and later).
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
            if reader.version >= 6 { committedLeaderEpoch = try reader.int32() }
            committedMetadata = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int64(committedOffset)
            if writer.version >= 6 { writer.int32(committedLeaderEpoch) }
            writer.string(committedMetadata)
            writer.tags()
        }
    }
}

/// The response of OffsetCommit (API key 8), versions 2 to 9.
public struct OffsetCommitResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 3 and later).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [OffsetCommitResponseTopic]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetCommitResponseTopic] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { throttleTimeMs = try reader.int32() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try OffsetCommitResponseTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.int32(throttleTimeMs) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetCommitResponseTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [OffsetCommitResponsePartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [OffsetCommitResponsePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetCommitResponsePartition(from: &reader)
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
    public struct OffsetCommitResponsePartition: Sendable, Equatable {
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
