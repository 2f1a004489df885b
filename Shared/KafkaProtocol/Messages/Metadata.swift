/// The request of Metadata (API key 3), versions 0 to 13.
public struct MetadataRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [MetadataRequestTopic]?
    /// `allowAutoTopicCreation` (version 4 and later).
    public var allowAutoTopicCreation: Bool
    /// `includeClusterAuthorizedOperations` (versions 8 to 10).
    public var includeClusterAuthorizedOperations: Bool
    /// `includeTopicAuthorizedOperations` (version 8 and later).
    public var includeTopicAuthorizedOperations: Bool

    /// Every field has the protocol's default.
    public init(
        topics: [MetadataRequestTopic]? = nil,
        allowAutoTopicCreation: Bool = true,
        includeClusterAuthorizedOperations: Bool = false,
        includeTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics
        self.allowAutoTopicCreation = allowAutoTopicCreation
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.includeTopicAuthorizedOperations = includeTopicAuthorizedOperations
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try MetadataRequestTopic(from: &reader)
        }
        if reader.version >= 4 { allowAutoTopicCreation = try reader.bool() }
        if reader.version >= 8, reader.version <= 10 { includeClusterAuthorizedOperations = try reader.bool() }
        if reader.version >= 8 { includeTopicAuthorizedOperations = try reader.bool() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        if writer.version >= 4 { writer.bool(allowAutoTopicCreation) }
        if writer.version >= 8, writer.version <= 10 { writer.bool(includeClusterAuthorizedOperations) }
        if writer.version >= 8 { writer.bool(includeTopicAuthorizedOperations) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct MetadataRequestTopic: Sendable, Equatable {
        /// `topicId` (version 10 and later).
        public var topicID: TopicID
        /// `name` (every version).
        public var name: String?

        /// Every field has the protocol's default.
        public init(
            topicID: TopicID = .zero,
            name: String? = nil
        ) {
            self.topicID = topicID
            self.name = name
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 10 { topicID = try reader.topicID() }
            name = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 10 { writer.topicID(topicID) }
            writer.string(name)
            writer.tags()
        }
    }
}

/// The response of Metadata (API key 3), versions 0 to 13.
public struct MetadataResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 3 and later).
    public var throttleTimeMs: Int32
    /// `brokers` (every version).
    public var brokers: [MetadataResponseBroker]
    /// `clusterId` (version 2 and later).
    public var clusterID: String?
    /// `controllerId` (version 1 and later).
    public var controllerID: Int32
    /// `topics` (every version).
    public var topics: [MetadataResponseTopic]
    /// `clusterAuthorizedOperations` (versions 8 to 10).
    public var clusterAuthorizedOperations: Int32
    /// `errorCode` (version 13 and later).
    public var errorCode: Int16

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        brokers: [MetadataResponseBroker] = [],
        clusterID: String? = nil,
        controllerID: Int32 = -1,
        topics: [MetadataResponseTopic] = [],
        clusterAuthorizedOperations: Int32 = .min,
        errorCode: Int16 = 0
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.brokers = brokers
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.topics = topics
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
        self.errorCode = errorCode
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { throttleTimeMs = try reader.int32() }
        brokers = try reader.array { (reader: inout WireReader) throws(WireError) in
            try MetadataResponseBroker(from: &reader)
        }
        if reader.version >= 2 { clusterID = try reader.nullableString() }
        if reader.version >= 1 { controllerID = try reader.int32() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try MetadataResponseTopic(from: &reader)
        }
        if reader.version >= 8, reader.version <= 10 { clusterAuthorizedOperations = try reader.int32() }
        if reader.version >= 13 { errorCode = try reader.int16() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.int32(throttleTimeMs) }
        writer.array(brokers) { writer, element in element.encode(to: &writer) }
        if writer.version >= 2 { writer.string(clusterID) }
        if writer.version >= 1 { writer.int32(controllerID) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        if writer.version >= 8, writer.version <= 10 { writer.int32(clusterAuthorizedOperations) }
        if writer.version >= 13 { writer.int16(errorCode) }
        writer.tags()
    }

    /// An element of `brokers`.
    public struct MetadataResponseBroker: Sendable, Equatable {
        /// `nodeId` (every version).
        public var nodeID: Int32
        /// `host` (every version).
        public var host: String
        /// `port` (every version).
        public var port: Int32
        /// `rack` (version 1 and later).
        public var rack: String?

        /// Every field has the protocol's default.
        public init(
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil
        ) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            nodeID = try reader.int32()
            host = try reader.string()
            port = try reader.int32()
            if reader.version >= 1 { rack = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(nodeID)
            writer.string(host)
            writer.int32(port)
            if writer.version >= 1 { writer.string(rack) }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct MetadataResponseTopic: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `name` (every version).
        public var name: String?
        /// `topicId` (version 10 and later).
        public var topicID: TopicID
        /// `isInternal` (version 1 and later).
        public var isInternal: Bool
        /// `partitions` (every version).
        public var partitions: [MetadataResponsePartition]
        /// `topicAuthorizedOperations` (version 8 and later).
        public var topicAuthorizedOperations: Int32

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            name: String? = nil,
            topicID: TopicID = .zero,
            isInternal: Bool = false,
            partitions: [MetadataResponsePartition] = [],
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
            if reader.version >= 10 { topicID = try reader.topicID() }
            if reader.version >= 1 { isInternal = try reader.bool() }
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try MetadataResponsePartition(from: &reader)
            }
            if reader.version >= 8 { topicAuthorizedOperations = try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(name)
            if writer.version >= 10 { writer.topicID(topicID) }
            if writer.version >= 1 { writer.bool(isInternal) }
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            if writer.version >= 8 { writer.int32(topicAuthorizedOperations) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct MetadataResponsePartition: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `leaderId` (every version).
        public var leaderID: Int32
        /// `leaderEpoch` (version 7 and later).
        public var leaderEpoch: Int32
        /// `replicaNodes` (every version).
        public var replicaNodes: [Int32]
        /// `isrNodes` (every version).
        public var isrNodes: [Int32]
        /// `offlineReplicas` (version 5 and later).
        public var offlineReplicas: [Int32]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.offlineReplicas = offlineReplicas
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            partitionIndex = try reader.int32()
            leaderID = try reader.int32()
            if reader.version >= 7 { leaderEpoch = try reader.int32() }
            replicaNodes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            isrNodes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            if reader.version >= 5 {
                offlineReplicas = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32()
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.int32(partitionIndex)
            writer.int32(leaderID)
            if writer.version >= 7 { writer.int32(leaderEpoch) }
            writer.array(replicaNodes) { writer, element in writer.int32(element) }
            writer.array(isrNodes) { writer, element in writer.int32(element) }
            if writer.version >= 5 { writer.array(offlineReplicas) { writer, element in writer.int32(element) } }
            writer.tags()
        }
    }
}
