/// The request of DescribeProducers (API key 61), version 0.
public struct DescribeProducersRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [TopicRequest]

    /// Every field has the protocol's default.
    public init(
        topics: [TopicRequest] = []
    ) {
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicRequest(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct TopicRequest: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitionIndexes` (every version).
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
            name = try reader.string()
            partitionIndexes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(partitionIndexes) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}

/// The response of DescribeProducers (API key 61), version 0.
public struct DescribeProducersResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [TopicResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [TopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try TopicResponse(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct TopicResponse: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [PartitionResponse]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [PartitionResponse] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionResponse(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct PartitionResponse: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `activeProducers` (every version).
        public var activeProducers: [ProducerState]

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            activeProducers: [ProducerState] = []
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.activeProducers = activeProducers
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            activeProducers = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ProducerState(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.array(activeProducers) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `activeProducers`.
    public struct ProducerState: Sendable, Equatable {
        /// `producerId` (every version).
        public var producerID: Int64
        /// `producerEpoch` (every version).
        public var producerEpoch: Int32
        /// `lastSequence` (every version).
        public var lastSequence: Int32
        /// `lastTimestamp` (every version).
        public var lastTimestamp: Int64
        /// `coordinatorEpoch` (every version).
        public var coordinatorEpoch: Int32
        /// `currentTxnStartOffset` (every version).
        public var currentTxnStartOffset: Int64

        /// Every field has the protocol's default.
        public init(
            producerID: Int64 = 0,
            producerEpoch: Int32 = 0,
            lastSequence: Int32 = -1,
            lastTimestamp: Int64 = -1,
            coordinatorEpoch: Int32 = 0,
            currentTxnStartOffset: Int64 = -1
        ) {
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.lastSequence = lastSequence
            self.lastTimestamp = lastTimestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.currentTxnStartOffset = currentTxnStartOffset
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            producerID = try reader.int64()
            producerEpoch = try reader.int32()
            lastSequence = try reader.int32()
            lastTimestamp = try reader.int64()
            coordinatorEpoch = try reader.int32()
            currentTxnStartOffset = try reader.int64()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int64(producerID)
            writer.int32(producerEpoch)
            writer.int32(lastSequence)
            writer.int64(lastTimestamp)
            writer.int32(coordinatorEpoch)
            writer.int64(currentTxnStartOffset)
            writer.tags()
        }
    }
}
