/// The request of DescribeTransactions (API key 65), version 0.
public struct DescribeTransactionsRequest: Sendable, Equatable {
    /// `transactionalIds` (every version).
    public var transactionalIDs: [String]

    /// Every field has the protocol's default.
    public init(
        transactionalIDs: [String] = []
    ) {
        self.transactionalIDs = transactionalIDs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalIDs = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(transactionalIDs) { writer, element in writer.string(element) }
        writer.tags()
    }
}

/// The response of DescribeTransactions (API key 65), version 0.
public struct DescribeTransactionsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `transactionStates` (every version).
    public var transactionStates: [TransactionState]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        transactionStates: [TransactionState] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.transactionStates = transactionStates
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        transactionStates = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TransactionState(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(transactionStates) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `transactionStates`.
    public struct TransactionState: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `transactionalId` (every version).
        public var transactionalID: String
        /// `transactionState` (every version).
        public var transactionState: String
        /// `transactionTimeoutMs` (every version).
        public var transactionTimeoutMs: Int32
        /// `transactionStartTimeMs` (every version).
        public var transactionStartTimeMs: Int64
        /// `producerId` (every version).
        public var producerID: Int64
        /// `producerEpoch` (every version).
        public var producerEpoch: Int16
        /// `topics` (every version).
        public var topics: [TopicData]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            transactionalID: String = "",
            transactionState: String = "",
            transactionTimeoutMs: Int32 = 0,
            transactionStartTimeMs: Int64 = 0,
            producerID: Int64 = 0,
            producerEpoch: Int16 = 0,
            topics: [TopicData] = []
        ) {
            self.errorCode = errorCode
            self.transactionalID = transactionalID
            self.transactionState = transactionState
            self.transactionTimeoutMs = transactionTimeoutMs
            self.transactionStartTimeMs = transactionStartTimeMs
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.topics = topics
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            transactionalID = try reader.string()
            transactionState = try reader.string()
            transactionTimeoutMs = try reader.int32()
            transactionStartTimeMs = try reader.int64()
            producerID = try reader.int64()
            producerEpoch = try reader.int16()
            topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicData(from: &reader) }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(transactionalID)
            writer.string(transactionState)
            writer.int32(transactionTimeoutMs)
            writer.int64(transactionStartTimeMs)
            writer.int64(producerID)
            writer.int16(producerEpoch)
            writer.array(topics) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct TopicData: Sendable, Equatable {
        /// `topic` (every version).
        public var topic: String
        /// `partitions` (every version).
        public var partitions: [Int32]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            partitions: [Int32] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topic = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topic)
            writer.array(partitions) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}
