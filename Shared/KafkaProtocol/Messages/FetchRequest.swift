/// The request of Fetch (API key 1), versions 4 to 17.
public struct FetchRequest: Sendable, Equatable {
    /// `replicaId` (version 14 and earlier; later ones have it in a tag, for brokers).
    public var replicaID: Int32
    /// `maxWaitMs` (every version).
    public var maxWaitMs: Int32
    /// `minBytes` (every version).
    public var minBytes: Int32
    /// `maxBytes` (every version).
    public var maxBytes: Int32
    /// `isolationLevel` (every version).
    public var isolationLevel: Int8
    /// `sessionId` (version 7 and later).
    public var sessionID: Int32
    /// `sessionEpoch` (version 7 and later).
    public var sessionEpoch: Int32
    /// `topics` (every version).
    public var topics: [FetchTopic]
    /// `forgottenTopicsData` (version 7 and later).
    public var forgottenTopicsData: [ForgottenTopic]
    /// `rackId` (version 11 and later).
    public var rackID: String

    /// Every field has the protocol's default.
    public init(
        replicaID: Int32 = -1,
        maxWaitMs: Int32 = 0,
        minBytes: Int32 = 0,
        maxBytes: Int32 = .max,
        isolationLevel: Int8 = 0,
        sessionID: Int32 = 0,
        sessionEpoch: Int32 = -1,
        topics: [FetchTopic] = [],
        forgottenTopicsData: [ForgottenTopic] = [],
        rackID: String = ""
    ) {
        self.replicaID = replicaID
        self.maxWaitMs = maxWaitMs
        self.minBytes = minBytes
        self.maxBytes = maxBytes
        self.isolationLevel = isolationLevel
        self.sessionID = sessionID
        self.sessionEpoch = sessionEpoch
        self.topics = topics
        self.forgottenTopicsData = forgottenTopicsData
        self.rackID = rackID
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version <= 14 { replicaID = try reader.int32() }
        maxWaitMs = try reader.int32()
        minBytes = try reader.int32()
        maxBytes = try reader.int32()
        isolationLevel = try reader.int8()
        if reader.version >= 7 { sessionID = try reader.int32() }
        if reader.version >= 7 { sessionEpoch = try reader.int32() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try FetchTopic(from: &reader) }
        if reader.version >= 7 {
            forgottenTopicsData = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ForgottenTopic(from: &reader)
            }
        }
        if reader.version >= 11 { rackID = try reader.string() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version <= 14 { writer.int32(replicaID) }
        writer.int32(maxWaitMs)
        writer.int32(minBytes)
        writer.int32(maxBytes)
        writer.int8(isolationLevel)
        if writer.version >= 7 { writer.int32(sessionID) }
        if writer.version >= 7 { writer.int32(sessionEpoch) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        if writer.version >= 7 { writer.array(forgottenTopicsData) { writer, element in element.encode(to: &writer) } }
        if writer.version >= 11 { writer.string(rackID) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct FetchTopic: Sendable, Equatable {
        /// `topic` (version 12 and earlier).
        public var topic: String
        /// `topicId` (version 13 and later).
        public var topicID: TopicID
        /// `partitions` (every version).
        public var partitions: [FetchPartition]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            topicID: TopicID = .zero,
            partitions: [FetchPartition] = []
        ) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 12 { topic = try reader.string() }
            if reader.version >= 13 { topicID = try reader.topicID() }
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try FetchPartition(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 12 { writer.string(topic) }
            if writer.version >= 13 { writer.topicID(topicID) }
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `forgottenTopicsData`.
    public struct ForgottenTopic: Sendable, Equatable {
        /// `topic` (versions 7 to 12).
        public var topic: String
        /// `topicId` (version 13 and later).
        public var topicID: TopicID
        /// `partitions` (version 7 and later).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            topicID: TopicID = .zero,
            partitions: [Int32] = []
        ) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 12 { topic = try reader.string() }
            if reader.version >= 13 { topicID = try reader.topicID() }
            if reader.version >= 7 {
                partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 12 { writer.string(topic) }
            if writer.version >= 13 { writer.topicID(topicID) }
            if writer.version >= 7 { writer.array(partitions) { writer, element in writer.int32(element) } }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct FetchPartition: Sendable, Equatable {
        /// `partition` (every version).
        public var partition: Int32
        /// `currentLeaderEpoch` (version 9 and later).
        public var currentLeaderEpoch: Int32
        /// `fetchOffset` (every version).
        public var fetchOffset: Int64
        /// `lastFetchedEpoch` (version 12 and later).
        public var lastFetchedEpoch: Int32
        /// `logStartOffset` (version 5 and later).
        public var logStartOffset: Int64
        /// `partitionMaxBytes` (every version).
        public var partitionMaxBytes: Int32

        /// Every field has the protocol's default.
        public init(
            partition: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            fetchOffset: Int64 = 0,
            lastFetchedEpoch: Int32 = -1,
            logStartOffset: Int64 = -1,
            partitionMaxBytes: Int32 = 0
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.fetchOffset = fetchOffset
            self.lastFetchedEpoch = lastFetchedEpoch
            self.logStartOffset = logStartOffset
            self.partitionMaxBytes = partitionMaxBytes
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partition = try reader.int32()
            if reader.version >= 9 { currentLeaderEpoch = try reader.int32() }
            fetchOffset = try reader.int64()
            if reader.version >= 12 { lastFetchedEpoch = try reader.int32() }
            if reader.version >= 5 { logStartOffset = try reader.int64() }
            partitionMaxBytes = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partition)
            if writer.version >= 9 { writer.int32(currentLeaderEpoch) }
            writer.int64(fetchOffset)
            if writer.version >= 12 { writer.int32(lastFetchedEpoch) }
            if writer.version >= 5 { writer.int64(logStartOffset) }
            writer.int32(partitionMaxBytes)
            writer.tags()
        }
    }
}
