/// The request of AddPartitionsToTxn (API key 24), versions 0 to 3.
public struct AddPartitionsToTxnRequest: Sendable, Equatable {
    /// `transactionalId` (every version).
    public var transactionalID: String
    /// `producerId` (every version).
    public var producerID: Int64
    /// `producerEpoch` (every version).
    public var producerEpoch: Int16
    /// `topics` (every version).
    public var topics: [AddPartitionsToTxnTopic]

    /// Every field has the protocol's default.
    public init(
        transactionalID: String = "",
        producerID: Int64 = 0,
        producerEpoch: Int16 = 0,
        topics: [AddPartitionsToTxnTopic] = []
    ) {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AddPartitionsToTxnTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(transactionalID)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct AddPartitionsToTxnTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [Int32] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(partitions) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}

/// The response of AddPartitionsToTxn (API key 24), versions 0 to 3.
public struct AddPartitionsToTxnResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `resultsByTopic` (every version).
    public var resultsByTopic: [AddPartitionsToTxnTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        resultsByTopic: [AddPartitionsToTxnTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.resultsByTopic = resultsByTopic
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        resultsByTopic = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AddPartitionsToTxnTopicResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(resultsByTopic) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `resultsByTopic`.
    public struct AddPartitionsToTxnTopicResult: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `resultsByPartition` (every version).
        public var resultsByPartition: [AddPartitionsToTxnPartitionResult]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            resultsByPartition: [AddPartitionsToTxnPartitionResult] = []
        ) {
            self.name = name
            self.resultsByPartition = resultsByPartition
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            resultsByPartition = try reader.array { (reader: inout WireReader) throws(WireError) in
                try AddPartitionsToTxnPartitionResult(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(resultsByPartition) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `resultsByPartition`.
    public struct AddPartitionsToTxnPartitionResult: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `partitionErrorCode` (every version).
        public var partitionErrorCode: Int16

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            partitionErrorCode: Int16 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.partitionErrorCode = partitionErrorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            partitionErrorCode = try reader.int16()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(partitionErrorCode)
            writer.tags()
        }
    }
}
