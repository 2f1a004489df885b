/// The response of ConsumerGroupDescribe (API key 69, KIP-848), versions 0 to 1.
public struct ConsumerGroupDescribeResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `groups` (every version).
    public var groups: [DescribedGroup]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        groups: [DescribedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.groups = groups
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        groups = try reader.array { (reader: inout WireReader) throws(WireError) in try DescribedGroup(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(groups) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `groups`.
    public struct DescribedGroup: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `groupId` (every version).
        public var groupID: String
        /// `groupState` (every version).
        public var groupState: String
        /// `groupEpoch` (every version).
        public var groupEpoch: Int32
        /// `assignmentEpoch` (every version).
        public var assignmentEpoch: Int32
        /// `assignorName` (every version).
        public var assignorName: String
        /// `members` (every version).
        public var members: [Member]
        /// `authorizedOperations` (every version).
        public var authorizedOperations: Int32

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            groupID: String = "",
            groupState: String = "",
            groupEpoch: Int32 = 0,
            assignmentEpoch: Int32 = 0,
            assignorName: String = "",
            members: [Member] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.groupState = groupState
            self.groupEpoch = groupEpoch
            self.assignmentEpoch = assignmentEpoch
            self.assignorName = assignorName
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            groupID = try reader.string()
            groupState = try reader.string()
            groupEpoch = try reader.int32()
            assignmentEpoch = try reader.int32()
            assignorName = try reader.string()
            members = try reader.array { (reader: inout WireReader) throws(WireError) in try Member(from: &reader) }
            authorizedOperations = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.string(groupID)
            writer.string(groupState)
            writer.int32(groupEpoch)
            writer.int32(assignmentEpoch)
            writer.string(assignorName)
            writer.array(members) { writer, element in element.encode(to: &writer) }
            writer.int32(authorizedOperations)
            writer.tags()
        }
    }

    /// An element of `members`.
    public struct Member: Sendable, Equatable {
        /// `memberId` (every version).
        public var memberID: String
        /// `instanceId` (every version).
        public var instanceID: String?
        /// `rackId` (every version).
        public var rackID: String?
        /// `memberEpoch` (every version).
        public var memberEpoch: Int32
        /// `clientId` (every version).
        public var clientID: String
        /// `clientHost` (every version).
        public var clientHost: String
        /// `subscribedTopicNames` (every version).
        public var subscribedTopicNames: [String]
        /// `subscribedTopicRegex` (every version).
        public var subscribedTopicRegex: String?
        /// `assignment` (every version).
        public var assignment: Assignment
        /// `targetAssignment` (every version).
        public var targetAssignment: Assignment
        /// `memberType` (version 1 and later).
        public var memberType: Int8

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            instanceID: String? = nil,
            rackID: String? = nil,
            memberEpoch: Int32 = 0,
            clientID: String = "",
            clientHost: String = "",
            subscribedTopicNames: [String] = [],
            subscribedTopicRegex: String? = nil,
            assignment: Assignment = Assignment(),
            targetAssignment: Assignment = Assignment(),
            memberType: Int8 = -1
        ) {
            self.memberID = memberID
            self.instanceID = instanceID
            self.rackID = rackID
            self.memberEpoch = memberEpoch
            self.clientID = clientID
            self.clientHost = clientHost
            self.subscribedTopicNames = subscribedTopicNames
            self.subscribedTopicRegex = subscribedTopicRegex
            self.assignment = assignment
            self.targetAssignment = targetAssignment
            self.memberType = memberType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            memberID = try reader.string()
            instanceID = try reader.nullableString()
            rackID = try reader.nullableString()
            memberEpoch = try reader.int32()
            clientID = try reader.string()
            clientHost = try reader.string()
            subscribedTopicNames = try reader.array { (reader: inout WireReader) throws(WireError) in
                try reader.string()
            }
            subscribedTopicRegex = try reader.nullableString()
            assignment = try Assignment(from: &reader)
            targetAssignment = try Assignment(from: &reader)
            if reader.version >= 1 { memberType = try reader.int8() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(memberID)
            writer.string(instanceID)
            writer.string(rackID)
            writer.int32(memberEpoch)
            writer.string(clientID)
            writer.string(clientHost)
            writer.array(subscribedTopicNames) { writer, element in writer.string(element) }
            writer.string(subscribedTopicRegex)
            assignment.encode(to: &writer)
            targetAssignment.encode(to: &writer)
            if writer.version >= 1 { writer.int8(memberType) }
            writer.tags()
        }
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
        /// `topicName` (every version).
        public var topicName: String
        /// `partitions` (every version).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            topicID: TopicID = .zero,
            topicName: String = "",
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.topicName = topicName
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicID = try reader.topicID()
            topicName = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.topicID(topicID)
            writer.string(topicName)
            writer.array(partitions) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}
