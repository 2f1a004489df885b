/// The response of Fetch (API key 1), versions 4 to 17.
public struct FetchResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (version 7 and later).
    public var errorCode: Int16
    /// `sessionId` (version 7 and later).
    public var sessionID: Int32
    /// `responses` (every version).
    public var responses: [FetchableTopicResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        sessionID: Int32 = 0,
        responses: [FetchableTopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.sessionID = sessionID
        self.responses = responses
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        if reader.version >= 7 { errorCode = try reader.int16() }
        if reader.version >= 7 { sessionID = try reader.int32() }
        responses = try reader.array { (reader: inout WireReader) throws(WireError) in
            try FetchableTopicResponse(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        if writer.version >= 7 { writer.int16(errorCode) }
        if writer.version >= 7 { writer.int32(sessionID) }
        writer.array(responses) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `responses`.
    public struct FetchableTopicResponse: Sendable, Equatable {
        /// `topic` (version 12 and earlier).
        public var topic: String
        /// `topicId` (version 13 and later).
        public var topicID: TopicID
        /// `partitions` (every version).
        public var partitions: [PartitionData]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            topicID: TopicID = .zero,
            partitions: [PartitionData] = []
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
                try PartitionData(from: &reader)
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

    /// An element of `partitions`.
    public struct PartitionData: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `highWatermark` (every version).
        public var highWatermark: Int64
        /// `lastStableOffset` (every version).
        public var lastStableOffset: Int64
        /// `logStartOffset` (version 5 and later).
        public var logStartOffset: Int64
        /// `abortedTransactions` (every version).
        public var abortedTransactions: [AbortedTransaction]?
        /// `preferredReadReplica` (version 11 and later).
        public var preferredReadReplica: Int32
        /// `records` (every version).
        public var records: [ArraySlice<UInt8>]

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0,
            highWatermark: Int64 = 0,
            lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1,
            abortedTransactions: [AbortedTransaction]? = nil,
            preferredReadReplica: Int32 = -1,
            records: [ArraySlice<UInt8>] = []
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.abortedTransactions = abortedTransactions
            self.preferredReadReplica = preferredReadReplica
            self.records = records
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            highWatermark = try reader.int64()
            lastStableOffset = try reader.int64()
            if reader.version >= 5 { logStartOffset = try reader.int64() }
            abortedTransactions = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                try AbortedTransaction(from: &reader)
            }
            if reader.version >= 11 { preferredReadReplica = try reader.int32() }
            records = try reader.recordChunks()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.int64(highWatermark)
            writer.int64(lastStableOffset)
            if writer.version >= 5 { writer.int64(logStartOffset) }
            writer.array(abortedTransactions) { writer, element in element.encode(to: &writer) }
            if writer.version >= 11 { writer.int32(preferredReadReplica) }
            writer.recordChunks(records)
            writer.tags()
        }
    }

    /// An element of `abortedTransactions`.
    public struct AbortedTransaction: Sendable, Equatable {
        /// `producerId` (every version).
        public var producerID: Int64
        /// `firstOffset` (every version).
        public var firstOffset: Int64

        /// Every field has the protocol's default.
        public init(
            producerID: Int64 = 0,
            firstOffset: Int64 = 0
        ) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            producerID = try reader.int64()
            firstOffset = try reader.int64()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int64(producerID)
            writer.int64(firstOffset)
            writer.tags()
        }
    }
}
