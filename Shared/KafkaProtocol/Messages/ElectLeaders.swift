/// The request of ElectLeaders (API key 43), versions 0 to 2.
public struct ElectLeadersRequest: Sendable, Equatable {
    /// `electionType` (version 1 and later).
    public var electionType: Int8
    /// `topicPartitions` (every version).
    public var topicPartitions: [TopicPartitions]?
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32

    /// Every field has the protocol's default.
    public init(
        electionType: Int8 = 0,
        topicPartitions: [TopicPartitions]? = nil,
        timeoutMs: Int32 = 60000
    ) {
        self.electionType = electionType
        self.topicPartitions = topicPartitions
        self.timeoutMs = timeoutMs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { electionType = try reader.int8() }
        topicPartitions = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try TopicPartitions(from: &reader)
        }
        timeoutMs = try reader.int32()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int8(electionType) }
        writer.array(topicPartitions) { writer, element in element.encode(to: &writer) }
        writer.int32(timeoutMs)
        writer.tags()
    }

    /// An element of `topicPartitions`.
    public struct TopicPartitions: Sendable, Equatable {
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

/// The response of ElectLeaders (API key 43), versions 0 to 2.
public struct ElectLeadersResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (version 1 and later).
    public var errorCode: Int16
    /// `replicaElectionResults` (every version).
    public var replicaElectionResults: [ReplicaElectionResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        replicaElectionResults: [ReplicaElectionResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.replicaElectionResults = replicaElectionResults
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        if reader.version >= 1 { errorCode = try reader.int16() }
        replicaElectionResults = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ReplicaElectionResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        if writer.version >= 1 { writer.int16(errorCode) }
        writer.array(replicaElectionResults) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `replicaElectionResults`.
    public struct ReplicaElectionResult: Sendable, Equatable {
        /// `topic` (every version).
        public var topic: String
        /// `partitionResult` (every version).
        public var partitionResult: [PartitionResult]

        /// Every field has the protocol's default.
        public init(
            topic: String = "",
            partitionResult: [PartitionResult] = []
        ) {
            self.topic = topic
            self.partitionResult = partitionResult
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topic = try reader.string()
            partitionResult = try reader.array { (reader: inout WireReader) throws(WireError) in
                try PartitionResult(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topic)
            writer.array(partitionResult) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitionResult`.
    public struct PartitionResult: Sendable, Equatable {
        /// `partitionId` (every version).
        public var partitionID: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            partitionID: Int32 = 0,
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.partitionID = partitionID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionID = try reader.int32()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionID)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.tags()
        }
    }
}
