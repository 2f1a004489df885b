/// The request of ListPartitionReassignments (API key 46), version 0.
public struct ListPartitionReassignmentsRequest: Sendable, Equatable {
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32
    /// `topics` (every version).
    public var topics: [ListPartitionReassignmentsTopics]?

    /// Every field has the protocol's default.
    public init(
        timeoutMs: Int32 = 60000,
        topics: [ListPartitionReassignmentsTopics]? = nil
    ) {
        self.timeoutMs = timeoutMs
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        timeoutMs = try reader.int32()
        topics = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try ListPartitionReassignmentsTopics(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(timeoutMs)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct ListPartitionReassignmentsTopics: Sendable, Equatable {
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

/// The response of ListPartitionReassignments (API key 46), version 0.
public struct ListPartitionReassignmentsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `topics` (every version).
    public var topics: [OngoingTopicReassignment]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        topics: [OngoingTopicReassignment] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try OngoingTopicReassignment(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct OngoingTopicReassignment: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [OngoingPartitionReassignment]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [OngoingPartitionReassignment] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try OngoingPartitionReassignment(from: &reader)
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
    public struct OngoingPartitionReassignment: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `replicas` (every version).
        public var replicas: [Int32]
        /// `addingReplicas` (every version).
        public var addingReplicas: [Int32]
        /// `removingReplicas` (every version).
        public var removingReplicas: [Int32]

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            replicas: [Int32] = [],
            addingReplicas: [Int32] = [],
            removingReplicas: [Int32] = []
        ) {
            self.partitionIndex = partitionIndex
            self.replicas = replicas
            self.addingReplicas = addingReplicas
            self.removingReplicas = removingReplicas
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            replicas = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            addingReplicas = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            removingReplicas = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.array(replicas) { writer, element in writer.int32(element) }
            writer.array(addingReplicas) { writer, element in writer.int32(element) }
            writer.array(removingReplicas) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}
