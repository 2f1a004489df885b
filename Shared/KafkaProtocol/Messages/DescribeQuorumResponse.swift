/// The response of DescribeQuorum (API key 55), versions 0 to 2.
public struct DescribeQuorumResponse: Sendable, Equatable {
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (version 2 and later).
    public var errorMessage: String?
    /// `topics` (every version).
    public var topics: [TopicData]
    /// `nodes` (version 2 and later).
    public var nodes: [Node]

    /// Every field has the protocol's default.
    public init(
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        topics: [TopicData] = [],
        nodes: [Node] = []
    ) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.topics = topics
        self.nodes = nodes
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        errorCode = try reader.int16()
        if reader.version >= 2 { errorMessage = try reader.nullableString() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicData(from: &reader) }
        if reader.version >= 2 {
            nodes = try reader.array { (reader: inout WireReader) throws(WireError) in try Node(from: &reader) }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int16(errorCode)
        if writer.version >= 2 { writer.string(errorMessage) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        if writer.version >= 2 { writer.array(nodes) { writer, element in element.encode(to: &writer) } }
        writer.tags()
    }

    /// An element of `topics`.
    public struct TopicData: Sendable, Equatable {
        /// `topicName` (every version).
        public var topicName: String
        /// `partitions` (every version).
        public var partitions: [PartitionData]

        /// Every field has the protocol's default.
        public init(
            topicName: String = "",
            partitions: [PartitionData] = []
        ) {
            self.topicName = topicName
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicName = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionData(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topicName)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct PartitionData: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (version 2 and later).
        public var errorMessage: String?
        /// `leaderId` (every version).
        public var leaderID: Int32
        /// `leaderEpoch` (every version).
        public var leaderEpoch: Int32
        /// `highWatermark` (every version).
        public var highWatermark: Int64
        /// `currentVoters` (every version).
        public var currentVoters: [ReplicaState]
        /// `observers` (every version).
        public var observers: [ReplicaState]

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = 0,
            highWatermark: Int64 = 0,
            currentVoters: [ReplicaState] = [],
            observers: [ReplicaState] = []
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.highWatermark = highWatermark
            self.currentVoters = currentVoters
            self.observers = observers
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            if reader.version >= 2 { errorMessage = try reader.nullableString() }
            leaderID = try reader.int32()
            leaderEpoch = try reader.int32()
            highWatermark = try reader.int64()
            currentVoters = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ReplicaState(from: &reader)
            }
            observers = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ReplicaState(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            if writer.version >= 2 { writer.string(errorMessage) }
            writer.int32(leaderID)
            writer.int32(leaderEpoch)
            writer.int64(highWatermark)
            writer.array(currentVoters) { writer, element in element.encode(to: &writer) }
            writer.array(observers) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `nodes`.
    public struct Node: Sendable, Equatable {
        /// `nodeId` (version 2 and later).
        public var nodeID: Int32
        /// `listeners` (version 2 and later).
        public var listeners: [Listener]

        /// Every field has the protocol's default.
        public init(
            nodeID: Int32 = 0,
            listeners: [Listener] = []
        ) {
            self.nodeID = nodeID
            self.listeners = listeners
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 2 { nodeID = try reader.int32() }
            if reader.version >= 2 {
                listeners = try reader.array { (reader: inout WireReader) throws(WireError) in
                    try Listener(from: &reader)
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 2 { writer.int32(nodeID) }
            if writer.version >= 2 { writer.array(listeners) { writer, element in element.encode(to: &writer) } }
            writer.tags()
        }
    }

    /// An element of `listeners`.
    public struct Listener: Sendable, Equatable {
        /// `name` (version 2 and later).
        public var name: String
        /// `host` (version 2 and later).
        public var host: String
        /// `port` (version 2 and later).
        public var port: UInt16

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            host: String = "",
            port: UInt16 = 0
        ) {
            self.name = name
            self.host = host
            self.port = port
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 2 { name = try reader.string() }
            if reader.version >= 2 { host = try reader.string() }
            if reader.version >= 2 { port = UInt16(bitPattern: try reader.int16()) }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 2 { writer.string(name) }
            if writer.version >= 2 { writer.string(host) }
            if writer.version >= 2 { writer.int16(Int16(bitPattern: port)) }
            writer.tags()
        }
    }

    /// An element of several lists.
    public struct ReplicaState: Sendable, Equatable {
        /// `replicaId` (every version).
        public var replicaID: Int32
        /// `replicaDirectoryId` (version 2 and later).
        public var replicaDirectoryID: TopicID
        /// `logEndOffset` (every version).
        public var logEndOffset: Int64
        /// `lastFetchTimestamp` (version 1 and later).
        public var lastFetchTimestamp: Int64
        /// `lastCaughtUpTimestamp` (version 1 and later).
        public var lastCaughtUpTimestamp: Int64

        /// Every field has the protocol's default.
        public init(
            replicaID: Int32 = 0,
            replicaDirectoryID: TopicID = .zero,
            logEndOffset: Int64 = 0,
            lastFetchTimestamp: Int64 = -1,
            lastCaughtUpTimestamp: Int64 = -1
        ) {
            self.replicaID = replicaID
            self.replicaDirectoryID = replicaDirectoryID
            self.logEndOffset = logEndOffset
            self.lastFetchTimestamp = lastFetchTimestamp
            self.lastCaughtUpTimestamp = lastCaughtUpTimestamp
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            replicaID = try reader.int32()
            if reader.version >= 2 { replicaDirectoryID = try reader.topicID() }
            logEndOffset = try reader.int64()
            if reader.version >= 1 { lastFetchTimestamp = try reader.int64() }
            if reader.version >= 1 { lastCaughtUpTimestamp = try reader.int64() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(replicaID)
            if writer.version >= 2 { writer.topicID(replicaDirectoryID) }
            writer.int64(logEndOffset)
            if writer.version >= 1 { writer.int64(lastFetchTimestamp) }
            if writer.version >= 1 { writer.int64(lastCaughtUpTimestamp) }
            writer.tags()
        }
    }
}
