/// The request of CreateTopics (API key 19), versions 2 to 7.
public struct CreateTopicsRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [CreatableTopic]
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32
    /// `validateOnly` (every version).
    public var validateOnly: Bool

    /// Every field has the protocol's default.
    public init(
        topics: [CreatableTopic] = [],
        timeoutMs: Int32 = 60000,
        validateOnly: Bool = false
    ) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in try CreatableTopic(from: &reader) }
        timeoutMs = try reader.int32()
        validateOnly = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.int32(timeoutMs)
        writer.bool(validateOnly)
        writer.tags()
    }

    /// An element of `topics`.
    public struct CreatableTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `numPartitions` (every version).
        public var numPartitions: Int32
        /// `replicationFactor` (every version).
        public var replicationFactor: Int16
        /// `assignments` (every version).
        public var assignments: [CreatableReplicaAssignment]
        /// `configs` (every version).
        public var configs: [CreatableTopicConfig]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            numPartitions: Int32 = 0,
            replicationFactor: Int16 = 0,
            assignments: [CreatableReplicaAssignment] = [],
            configs: [CreatableTopicConfig] = []
        ) {
            self.name = name
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.assignments = assignments
            self.configs = configs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            numPartitions = try reader.int32()
            replicationFactor = try reader.int16()
            assignments = try reader.array { (reader: inout WireReader) throws(WireError) in
                try CreatableReplicaAssignment(from: &reader)
            }
            configs = try reader.array { (reader: inout WireReader) throws(WireError) in
                try CreatableTopicConfig(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int32(numPartitions)
            writer.int16(replicationFactor)
            writer.array(assignments) { writer, element in element.encode(to: &writer) }
            writer.array(configs) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `assignments`.
    public struct CreatableReplicaAssignment: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `brokerIds` (every version).
        public var brokerIDs: [Int32]

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            brokerIDs: [Int32] = []
        ) {
            self.partitionIndex = partitionIndex
            self.brokerIDs = brokerIDs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            brokerIDs = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.array(brokerIDs) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }

    /// An element of `configs`.
    public struct CreatableTopicConfig: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `value` (every version).
        public var value: String?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            value: String? = nil
        ) {
            self.name = name
            self.value = value
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            value = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.string(value)
            writer.tags()
        }
    }
}

/// The response of CreateTopics (API key 19), versions 2 to 7.
public struct CreateTopicsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `topics` (every version).
    public var topics: [CreatableTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        topics: [CreatableTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try CreatableTopicResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct CreatableTopicResult: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `topicId` (version 7 and later).
        public var topicID: TopicID
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `numPartitions` (version 5 and later).
        public var numPartitions: Int32
        /// `replicationFactor` (version 5 and later).
        public var replicationFactor: Int16
        /// `configs` (version 5 and later).
        public var configs: [CreatableTopicConfigs]?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            topicID: TopicID = .zero,
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            numPartitions: Int32 = -1,
            replicationFactor: Int16 = -1,
            configs: [CreatableTopicConfigs]? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.configs = configs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            if reader.version >= 7 { topicID = try reader.topicID() }
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            if reader.version >= 5 { numPartitions = try reader.int32() }
            if reader.version >= 5 { replicationFactor = try reader.int16() }
            if reader.version >= 5 {
                configs = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                    try CreatableTopicConfigs(from: &reader)
                }
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            if writer.version >= 7 { writer.topicID(topicID) }
            writer.int16(errorCode)
            writer.string(errorMessage)
            if writer.version >= 5 { writer.int32(numPartitions) }
            if writer.version >= 5 { writer.int16(replicationFactor) }
            if writer.version >= 5 { writer.array(configs) { writer, element in element.encode(to: &writer) } }
            writer.tags()
        }
    }

    /// An element of `configs`.
    public struct CreatableTopicConfigs: Sendable, Equatable {
        /// `name` (version 5 and later).
        public var name: String
        /// `value` (version 5 and later).
        public var value: String?
        /// `readOnly` (version 5 and later).
        public var readOnly: Bool
        /// `configSource` (version 5 and later).
        public var configSource: Int8
        /// `isSensitive` (version 5 and later).
        public var isSensitive: Bool

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.configSource = configSource
            self.isSensitive = isSensitive
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 5 { name = try reader.string() }
            if reader.version >= 5 { value = try reader.nullableString() }
            if reader.version >= 5 { readOnly = try reader.bool() }
            if reader.version >= 5 { configSource = try reader.int8() }
            if reader.version >= 5 { isSensitive = try reader.bool() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 5 { writer.string(name) }
            if writer.version >= 5 { writer.string(value) }
            if writer.version >= 5 { writer.bool(readOnly) }
            if writer.version >= 5 { writer.int8(configSource) }
            if writer.version >= 5 { writer.bool(isSensitive) }
            writer.tags()
        }
    }
}
