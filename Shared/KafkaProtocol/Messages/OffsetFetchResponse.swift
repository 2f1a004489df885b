/// The response of OffsetFetch (API key 9), versions 1 to 9.
public struct OffsetFetchResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 3 and later).
    public var throttleTimeMs: Int32
    /// `topics` (up to version 7).
    public var topics: [OffsetFetchResponseTopic]
    /// `errorCode` (versions 2 to 7).
    public var errorCode: Int16
    /// `groups` (version 8 and later).
    public var groups: [OffsetFetchResponseGroup]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetFetchResponseTopic] = [],
        errorCode: Int16 = 0,
        groups: [OffsetFetchResponseGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
        self.errorCode = errorCode
        self.groups = groups
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { throttleTimeMs = try reader.int32() }
        if reader.version <= 7 {
            topics = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponseTopic(from: &reader)
            }
        }
        if reader.version >= 2, reader.version <= 7 { errorCode = try reader.int16() }
        if reader.version >= 8 {
            groups = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponseGroup(from: &reader)
            }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.int32(throttleTimeMs) }
        if writer.version <= 7 { writer.array(topics) { writer, element in element.encode(to: &writer) } }
        if writer.version >= 2, writer.version <= 7 { writer.int16(errorCode) }
        if writer.version >= 8 { writer.array(groups) { writer, element in element.encode(to: &writer) } }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetFetchResponseTopic: Sendable, Equatable {
        /// `name` (up to version 7).
        public var name: String
        /// `partitions` (up to version 7).
        public var partitions: [OffsetFetchResponsePartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [OffsetFetchResponsePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 7 { name = try reader.string() }
            if reader.version <= 7 {
                partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                    try OffsetFetchResponsePartition(from: &reader)
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 7 { writer.string(name) }
            if writer.version <= 7 { writer.array(partitions) { writer, element in element.encode(to: &writer) } }
            writer.tags()
        }
    }

    /// An element of `groups`.
    public struct OffsetFetchResponseGroup: Sendable, Equatable {
        /// `groupId` (version 8 and later).
        public var groupID: String
        /// `topics` (version 8 and later).
        public var topics: [OffsetFetchResponseTopics]
        /// `errorCode` (version 8 and later).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            groupID: String = "",
            topics: [OffsetFetchResponseTopics] = [],
            errorCode: Int16 = 0
        ) {
            self.groupID = groupID
            self.topics = topics
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { groupID = try reader.string() }
            if reader.version >= 8 {
                topics = try reader.array { (reader: inout WireReader) throws(WireError) in
                    try OffsetFetchResponseTopics(from: &reader)
                }
            }
            if reader.version >= 8 { errorCode = try reader.int16() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.string(groupID) }
            if writer.version >= 8 { writer.array(topics) { writer, element in element.encode(to: &writer) } }
            if writer.version >= 8 { writer.int16(errorCode) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct OffsetFetchResponsePartition: Sendable, Equatable {
        /// `partitionIndex` (up to version 7).
        public var partitionIndex: Int32
        /// `committedOffset` (up to version 7).
        public var committedOffset: Int64
        /// `committedLeaderEpoch` (versions 5 to 7).
        public var committedLeaderEpoch: Int32
        /// `metadata` (up to version 7).
        public var metadata: String?
        /// `errorCode` (up to version 7).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            metadata: String? = nil,
            errorCode: Int16 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 7 { partitionIndex = try reader.int32() }
            if reader.version <= 7 { committedOffset = try reader.int64() }
            if reader.version >= 5, reader.version <= 7 { committedLeaderEpoch = try reader.int32() }
            if reader.version <= 7 { metadata = try reader.nullableString() }
            if reader.version <= 7 { errorCode = try reader.int16() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 7 { writer.int32(partitionIndex) }
            if writer.version <= 7 { writer.int64(committedOffset) }
            if writer.version >= 5, writer.version <= 7 { writer.int32(committedLeaderEpoch) }
            if writer.version <= 7 { writer.string(metadata) }
            if writer.version <= 7 { writer.int16(errorCode) }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct OffsetFetchResponseTopics: Sendable, Equatable {
        /// `name` (version 8 and later).
        public var name: String
        /// `partitions` (version 8 and later).
        public var partitions: [OffsetFetchResponsePartitions]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [OffsetFetchResponsePartitions] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { name = try reader.string() }
            if reader.version >= 8 {
                partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                    try OffsetFetchResponsePartitions(from: &reader)
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.string(name) }
            if writer.version >= 8 { writer.array(partitions) { writer, element in element.encode(to: &writer) } }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct OffsetFetchResponsePartitions: Sendable, Equatable {
        /// `partitionIndex` (version 8 and later).
        public var partitionIndex: Int32
        /// `committedOffset` (version 8 and later).
        public var committedOffset: Int64
        /// `committedLeaderEpoch` (version 8 and later).
        public var committedLeaderEpoch: Int32
        /// `metadata` (version 8 and later).
        public var metadata: String?
        /// `errorCode` (version 8 and later).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            metadata: String? = nil,
            errorCode: Int16 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { partitionIndex = try reader.int32() }
            if reader.version >= 8 { committedOffset = try reader.int64() }
            if reader.version >= 8 { committedLeaderEpoch = try reader.int32() }
            if reader.version >= 8 { metadata = try reader.nullableString() }
            if reader.version >= 8 { errorCode = try reader.int16() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.int32(partitionIndex) }
            if writer.version >= 8 { writer.int64(committedOffset) }
            if writer.version >= 8 { writer.int32(committedLeaderEpoch) }
            if writer.version >= 8 { writer.string(metadata) }
            if writer.version >= 8 { writer.int16(errorCode) }
            writer.tags()
        }
    }
}
