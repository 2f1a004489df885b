/// The request of ConsumerGroupHeartbeat (API key 68, KIP-848), versions 0 to 1.
public struct ConsumerGroupHeartbeatRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `memberId` (every version).
    public var memberID: String
    /// `memberEpoch` (every version).
    public var memberEpoch: Int32
    /// `instanceId` (every version).
    public var instanceID: String?
    /// `rackId` (every version).
    public var rackID: String?
    /// `rebalanceTimeoutMs` (every version).
    public var rebalanceTimeoutMs: Int32
    /// `subscribedTopicNames` (every version).
    public var subscribedTopicNames: [String]?
    /// `subscribedTopicRegex` (version 1 and later).
    public var subscribedTopicRegex: String?
    /// `serverAssignor` (every version).
    public var serverAssignor: String?
    /// `topicPartitions` (every version).
    public var topicPartitions: [TopicPartitions]?

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        memberID: String = "",
        memberEpoch: Int32 = 0,
        instanceID: String? = nil,
        rackID: String? = nil,
        rebalanceTimeoutMs: Int32 = -1,
        subscribedTopicNames: [String]? = nil,
        subscribedTopicRegex: String? = nil,
        serverAssignor: String? = nil,
        topicPartitions: [TopicPartitions]? = nil
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.instanceID = instanceID
        self.rackID = rackID
        self.rebalanceTimeoutMs = rebalanceTimeoutMs
        self.subscribedTopicNames = subscribedTopicNames
        self.subscribedTopicRegex = subscribedTopicRegex
        self.serverAssignor = serverAssignor
        self.topicPartitions = topicPartitions
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        memberID = try reader.string()
        memberEpoch = try reader.int32()
        instanceID = try reader.nullableString()
        rackID = try reader.nullableString()
        rebalanceTimeoutMs = try reader.int32()
        subscribedTopicNames = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try reader.string()
        }
        if reader.version >= 1 { subscribedTopicRegex = try reader.nullableString() }
        serverAssignor = try reader.nullableString()
        topicPartitions = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try TopicPartitions(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        writer.string(memberID)
        writer.int32(memberEpoch)
        writer.string(instanceID)
        writer.string(rackID)
        writer.int32(rebalanceTimeoutMs)
        writer.array(subscribedTopicNames) { writer, element in writer.string(element) }
        if writer.version >= 1 { writer.string(subscribedTopicRegex) }
        writer.string(serverAssignor)
        writer.array(topicPartitions) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topicPartitions`.
    public struct TopicPartitions: Sendable, Equatable {
        /// `topicId` (every version).
        public var topicID: TopicID
        /// `partitions` (every version).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            topicID: TopicID = .zero,
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicID = try reader.topicID()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.topicID(topicID)
            writer.array(partitions) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}

/// The response of ConsumerGroupHeartbeat (API key 68, KIP-848), versions 0 to 1.
public struct ConsumerGroupHeartbeatResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `memberId` (every version).
    public var memberID: String?
    /// `memberEpoch` (every version).
    public var memberEpoch: Int32
    /// `heartbeatIntervalMs` (every version).
    public var heartbeatIntervalMs: Int32
    /// `assignment` (every version).
    public var assignment: Assignment?

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        memberID: String? = nil,
        memberEpoch: Int32 = 0,
        heartbeatIntervalMs: Int32 = 0,
        assignment: Assignment? = nil
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.heartbeatIntervalMs = heartbeatIntervalMs
        self.assignment = assignment
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        memberID = try reader.nullableString()
        memberEpoch = try reader.int32()
        heartbeatIntervalMs = try reader.int32()
        assignment = try reader.int8() < 0 ? nil : Assignment(from: &reader)
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.string(memberID)
        writer.int32(memberEpoch)
        writer.int32(heartbeatIntervalMs)
        writer.int8(assignment == nil ? -1 : 1)
        assignment?.encode(to: &writer)
        writer.tags()
    }

    /// The structure of `assignment`.
    public struct Assignment: Sendable, Equatable {
        /// `topicPartitions` (every version).
        public var topicPartitions: [TopicPartitions]

        /// Every field has the protocol's default.
        public init(
            topicPartitions: [TopicPartitions] = []
        ) {
            self.topicPartitions = topicPartitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicPartitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try TopicPartitions(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.array(topicPartitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `topicPartitions`.
    public struct TopicPartitions: Sendable, Equatable {
        /// `topicId` (every version).
        public var topicID: TopicID
        /// `partitions` (every version).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            topicID: TopicID = .zero,
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicID = try reader.topicID()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.topicID(topicID)
            writer.array(partitions) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}
