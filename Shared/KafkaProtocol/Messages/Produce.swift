/// The request of Produce (API key 0), versions 3 to 13; 0 to 2 are read too, to be refused.
public struct ProduceRequest: Sendable, Equatable {
    /// `transactionalId` (version 3 and later).
    public var transactionalID: String?
    /// `acks` (every version).
    public var acks: Int16
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32
    /// `topicData` (every version).
    public var topicData: [TopicProduceData]

    /// Every field has the protocol's default.
    public init(
        transactionalID: String? = nil,
        acks: Int16 = 0,
        timeoutMs: Int32 = 0,
        topicData: [TopicProduceData] = []
    ) {
        self.transactionalID = transactionalID
        self.acks = acks
        self.timeoutMs = timeoutMs
        self.topicData = topicData
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { transactionalID = try reader.nullableString() }
        acks = try reader.int16()
        timeoutMs = try reader.int32()
        topicData = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TopicProduceData(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.string(transactionalID) }
        writer.int16(acks)
        writer.int32(timeoutMs)
        writer.array(topicData) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topicData`.
    public struct TopicProduceData: Sendable, Equatable {
        /// `name` (version 12 and earlier).
        public var name: String
        /// `topicId` (version 13 and later).
        public var topicID: TopicID
        /// `partitionData` (every version).
        public var partitionData: [PartitionProduceData]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            topicID: TopicID = .zero,
            partitionData: [PartitionProduceData] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionData = partitionData
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 12 { name = try reader.string() }
            if reader.version >= 13 { topicID = try reader.topicID() }
            partitionData = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionProduceData(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 12 { writer.string(name) }
            if writer.version >= 13 { writer.topicID(topicID) }
            writer.array(partitionData) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitionData`.
    public struct PartitionProduceData: Sendable, Equatable {
        /// `index` (every version).
        public var index: Int32
        /// `records` (every version).
        public var records: ArraySlice<UInt8>?

        /// Every field has the protocol's default.
        public init(
            index: Int32 = 0,
            records: ArraySlice<UInt8>? = nil
        ) {
            self.index = index
            self.records = records
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            index = try reader.int32()
            records = try reader.nullableRecords()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(index)
            writer.records(records)
            writer.tags()
        }
    }
}

/// The response of Produce (API key 0), versions 0 to 13.
public struct ProduceResponse: Sendable, Equatable {
    /// `responses` (every version).
    public var responses: [TopicProduceResponse]
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32

    /// Every field has the protocol's default.
    public init(
        responses: [TopicProduceResponse] = [],
        throttleTimeMs: Int32 = 0
    ) {
        self.responses = responses
        self.throttleTimeMs = throttleTimeMs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        responses = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TopicProduceResponse(from: &reader)
        }
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(responses) { writer, element in element.encode(to: &writer) }
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.tags()
    }

    /// An element of `responses`.
    public struct TopicProduceResponse: Sendable, Equatable {
        /// `name` (version 12 and earlier).
        public var name: String
        /// `topicId` (version 13 and later).
        public var topicID: TopicID
        /// `partitionResponses` (every version).
        public var partitionResponses: [PartitionProduceResponse]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            topicID: TopicID = .zero,
            partitionResponses: [PartitionProduceResponse] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionResponses = partitionResponses
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version <= 12 { name = try reader.string() }
            if reader.version >= 13 { topicID = try reader.topicID() }
            partitionResponses = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionProduceResponse(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version <= 12 { writer.string(name) }
            if writer.version >= 13 { writer.topicID(topicID) }
            writer.array(partitionResponses) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitionResponses`.
    public struct PartitionProduceResponse: Sendable, Equatable {
        /// `index` (every version).
        public var index: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `baseOffset` (every version).
        public var baseOffset: Int64
        /// `logAppendTimeMs` (version 2 and later).
        public var logAppendTimeMs: Int64
        /// `logStartOffset` (version 5 and later).
        public var logStartOffset: Int64
        /// `recordErrors` (version 8 and later).
        public var recordErrors: [BatchIndexAndErrorMessage]
        /// `errorMessage` (version 8 and later).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            index: Int32 = 0,
            errorCode: Int16 = 0,
            baseOffset: Int64 = 0,
            logAppendTimeMs: Int64 = -1,
            logStartOffset: Int64 = -1,
            recordErrors: [BatchIndexAndErrorMessage] = [],
            errorMessage: String? = nil
        ) {
            self.index = index
            self.errorCode = errorCode
            self.baseOffset = baseOffset
            self.logAppendTimeMs = logAppendTimeMs
            self.logStartOffset = logStartOffset
            self.recordErrors = recordErrors
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            index = try reader.int32()
            errorCode = try reader.int16()
            baseOffset = try reader.int64()
            if reader.version >= 2 { logAppendTimeMs = try reader.int64() }
            if reader.version >= 5 { logStartOffset = try reader.int64() }
            if reader.version >= 8 {
                recordErrors = try reader.array { (reader: inout WireReader) throws(WireError) in
                    try BatchIndexAndErrorMessage(from: &reader)
                }
            }
            if reader.version >= 8 { errorMessage = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(index)
            writer.int16(errorCode)
            writer.int64(baseOffset)
            if writer.version >= 2 { writer.int64(logAppendTimeMs) }
            if writer.version >= 5 { writer.int64(logStartOffset) }
            if writer.version >= 8 { writer.array(recordErrors) { writer, element in element.encode(to: &writer) } }
            if writer.version >= 8 { writer.string(errorMessage) }
            writer.tags()
        }
    }

    /// An element of `recordErrors`.
    public struct BatchIndexAndErrorMessage: Sendable, Equatable {
        /// `batchIndex` (version 8 and later).
        public var batchIndex: Int32
        /// `batchIndexErrorMessage` (version 8 and later).
        public var batchIndexErrorMessage: String?

        /// Every field has the protocol's default.
        public init(
            batchIndex: Int32 = 0,
            batchIndexErrorMessage: String? = nil
        ) {
            self.batchIndex = batchIndex
            self.batchIndexErrorMessage = batchIndexErrorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 8 { batchIndex = try reader.int32() }
            if reader.version >= 8 { batchIndexErrorMessage = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 8 { writer.int32(batchIndex) }
            if writer.version >= 8 { writer.string(batchIndexErrorMessage) }
            writer.tags()
        }
    }
}
