/// The request of OffsetFetch (API key 9), versions 1 to 9.
public struct OffsetFetchRequest: Sendable, Equatable {
    /// `groupId` (up to version 7).
    public var groupID: String
    /// `topics` (up to version 7).
    public var topics: [OffsetFetchRequestTopic]?
    /// `groups` (version 8 and later).
    public var groups: [OffsetFetchRequestGroup]
    /// `requireStable` (version 7 and later).
    public var requireStable: Bool

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        topics: [OffsetFetchRequestTopic]? = nil,
        groups: [OffsetFetchRequestGroup] = [],
        requireStable: Bool = false
    ) {
        self.groupID = groupID
        self.topics = topics
        self.groups = groups
        self.requireStable = requireStable
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version <= 7 { groupID = try reader.string() }
        if reader.version <= 7 {
            topics = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchRequestTopic(from: &reader)
            }
        }
        if reader.version >= 8 {
            groups = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchRequestGroup(from: &reader)
            }
        }
        if reader.version >= 7 { requireStable = try reader.bool() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version <= 7 { writer.string(groupID) }
        if writer.version <= 7 { writer.array(topics) { writer, element in element.encode(to: &writer) } }
        if writer.version >= 8 { writer.array(groups) { writer, element in element.encode(to: &writer) } }
        if writer.version >= 7 { writer.bool(requireStable) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OffsetFetchRequestTopic: Sendable, Equatable {
        /// `name` (up to version 7).
        public var name: String
        /// `partitionIndexes` (up to version 7).
        public var partitionIndexes: [Int32]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitionIndexes: [Int32] = []
        ) {
            self.name = name
            self.partitionIndexes = partitionIndexes
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 7 { name = try reader.string() }
            if reader.version <= 7 {
                partitionIndexes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32()
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 7 { writer.string(name) }
            if writer.version <= 7 { writer.array(partitionIndexes) { writer, element in writer.int32(element) } }
            writer.tags()
        }
    }

    /// An element of `groups`.
    public struct OffsetFetchRequestGroup: Sendable, Equatable {
        /// `groupId` (version 8 and later).
        public var groupID: String
        /// `memberId` (version 9 and later).
        public var memberID: String?
        /// `memberEpoch` (version 9 and later).
        public var memberEpoch: Int32
        /// `topics` (version 8 and later).
        public var topics: [OffsetFetchRequestTopics]?

        /// Every field has the protocol's default.
        public init(
            groupID: String = "",
            memberID: String? = nil,
            memberEpoch: Int32 = -1,
            topics: [OffsetFetchRequestTopics]? = nil
        ) {
            self.groupID = groupID
            self.memberID = memberID
            self.memberEpoch = memberEpoch
            self.topics = topics
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { groupID = try reader.string() }
            if reader.version >= 9 { memberID = try reader.nullableString() }
            if reader.version >= 9 { memberEpoch = try reader.int32() }
            if reader.version >= 8 {
                topics = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                    try OffsetFetchRequestTopics(from: &reader)
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.string(groupID) }
            if writer.version >= 9 { writer.string(memberID) }
            if writer.version >= 9 { writer.int32(memberEpoch) }
            if writer.version >= 8 { writer.array(topics) { writer, element in element.encode(to: &writer) } }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct OffsetFetchRequestTopics: Sendable, Equatable {
        /// `name` (version 8 and later).
        public var name: String
        /// `partitionIndexes` (version 8 and later).
        public var partitionIndexes: [Int32]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitionIndexes: [Int32] = []
        ) {
            self.name = name
            self.partitionIndexes = partitionIndexes
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { name = try reader.string() }
            if reader.version >= 8 {
                partitionIndexes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32()
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.string(name) }
            if writer.version >= 8 { writer.array(partitionIndexes) { writer, element in writer.int32(element) } }
            writer.tags()
        }
    }
}
