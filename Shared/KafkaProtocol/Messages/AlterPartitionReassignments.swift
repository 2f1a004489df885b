/// The request of AlterPartitionReassignments (API key 45), versions 0 to 1.
public struct AlterPartitionReassignmentsRequest: Sendable, Equatable {
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32
    /// `allowReplicationFactorChange` (version 1 and later).
    public var allowReplicationFactorChange: Bool
    /// `topics` (every version).
    public var topics: [ReassignableTopic]

    /// Every field has the protocol's default.
    public init(
        timeoutMs: Int32 = 60000,
        allowReplicationFactorChange: Bool = true,
        topics: [ReassignableTopic] = []
    ) {
        self.timeoutMs = timeoutMs
        self.allowReplicationFactorChange = allowReplicationFactorChange
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        timeoutMs = try reader.int32()
        if reader.version >= 1 { allowReplicationFactorChange = try reader.bool() }
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try ReassignableTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(timeoutMs)
        if writer.version >= 1 { writer.bool(allowReplicationFactorChange) }
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct ReassignableTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [ReassignablePartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [ReassignablePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ReassignablePartition(from: &reader)
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
    public struct ReassignablePartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `replicas` (every version).
        public var replicas: [Int32]?

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            replicas: [Int32]? = nil
        ) {
            self.partitionIndex = partitionIndex
            self.replicas = replicas
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            replicas = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.array(replicas) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}

/// The response of AlterPartitionReassignments (API key 45), versions 0 to 1.
public struct AlterPartitionReassignmentsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `allowReplicationFactorChange` (version 1 and later).
    public var allowReplicationFactorChange: Bool
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `responses` (every version).
    public var responses: [ReassignableTopicResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        allowReplicationFactorChange: Bool = true,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        responses: [ReassignableTopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.allowReplicationFactorChange = allowReplicationFactorChange
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.responses = responses
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        if reader.version >= 1 { allowReplicationFactorChange = try reader.bool() }
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        responses = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ReassignableTopicResponse(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        if writer.version >= 1 { writer.bool(allowReplicationFactorChange) }
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.array(responses) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `responses`.
    public struct ReassignableTopicResponse: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [ReassignablePartitionResponse]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [ReassignablePartitionResponse] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try ReassignablePartitionResponse(from: &reader)
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
    public struct ReassignablePartitionResponse: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.tags()
        }
    }
}
