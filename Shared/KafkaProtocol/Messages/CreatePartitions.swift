/// The request of CreatePartitions (API key 37), versions 0 to 3.
public struct CreatePartitionsRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [CreatePartitionsTopic]
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32
    /// `validateOnly` (every version).
    public var validateOnly: Bool

    /// Every field has the protocol's default.
    public init(
        topics: [CreatePartitionsTopic] = [],
        timeoutMs: Int32 = 0,
        validateOnly: Bool = false
    ) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            try CreatePartitionsTopic(from: &reader)
        }
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
    public struct CreatePartitionsTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `count` (every version).
        public var count: Int32
        /// `assignments` (every version).
        public var assignments: [CreatePartitionsAssignment]?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            count: Int32 = 0,
            assignments: [CreatePartitionsAssignment]? = nil
        ) {
            self.name = name
            self.count = count
            self.assignments = assignments
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            count = try reader.int32()
            assignments = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                try CreatePartitionsAssignment(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int32(count)
            writer.array(assignments) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `assignments`.
    public struct CreatePartitionsAssignment: Sendable, Equatable {
        /// `brokerIds` (every version).
        public var brokerIDs: [Int32]

        /// Every field has the protocol's default.
        public init(
            brokerIDs: [Int32] = []
        ) {
            self.brokerIDs = brokerIDs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            brokerIDs = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.array(brokerIDs) { writer, element in writer.int32(element) }
            writer.tags()
        }
    }
}

/// The response of CreatePartitions (API key 37), versions 0 to 3.
public struct CreatePartitionsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [CreatePartitionsTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [CreatePartitionsTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try CreatePartitionsTopicResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(results) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `results`.
    public struct CreatePartitionsTopicResult: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.tags()
        }
    }
}
