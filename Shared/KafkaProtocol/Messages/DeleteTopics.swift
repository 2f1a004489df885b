/// The request of DeleteTopics (API key 20), versions 1 to 6.
public struct DeleteTopicsRequest: Sendable, Equatable {
    /// `topics` (version 6 and later).
    public var topics: [DeleteTopicState]
    /// `topicNames` (up to version 5).
    public var topicNames: [String]
    /// `timeoutMs` (every version).
    public var timeoutMs: Int32

    /// Every field has the protocol's default.
    public init(
        topics: [DeleteTopicState] = [],
        topicNames: [String] = [],
        timeoutMs: Int32 = 0
    ) {
        self.topics = topics
        self.topicNames = topicNames
        self.timeoutMs = timeoutMs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 6 {
            topics = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DeleteTopicState(from: &reader)
            }
        }
        if reader.version <= 5 {
            topicNames = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        }
        timeoutMs = try reader.int32()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 6 { writer.array(topics) { writer, element in element.encode(to: &writer) } }
        if writer.version <= 5 { writer.array(topicNames) { writer, element in writer.string(element) } }
        writer.int32(timeoutMs)
        writer.tags()
    }

    /// An element of `topics`.
    public struct DeleteTopicState: Sendable, Equatable {
        /// `name` (version 6 and later).
        public var name: String?
        /// `topicId` (version 6 and later).
        public var topicID: TopicID

        /// Every field has the protocol's default.
        public init(
            name: String? = nil,
            topicID: TopicID = .zero
        ) {
            self.name = name
            self.topicID = topicID
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 6 { name = try reader.nullableString() }
            if reader.version >= 6 { topicID = try reader.topicID() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 6 { writer.string(name) }
            if writer.version >= 6 { writer.topicID(topicID) }
            writer.tags()
        }
    }
}

/// The response of DeleteTopics (API key 20), versions 1 to 6.
public struct DeleteTopicsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `responses` (every version).
    public var responses: [DeletableTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        responses: [DeletableTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        responses = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DeletableTopicResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(responses) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `responses`.
    public struct DeletableTopicResult: Sendable, Equatable {
        /// `name` (every version).
        public var name: String?
        /// `topicId` (version 6 and later).
        public var topicID: TopicID
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (version 5 and later).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            name: String? = nil,
            topicID: TopicID = .zero,
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.nullableString()
            if reader.version >= 6 { topicID = try reader.topicID() }
            errorCode = try reader.int16()
            if reader.version >= 5 { errorMessage = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            if writer.version >= 6 { writer.topicID(topicID) }
            writer.int16(errorCode)
            if writer.version >= 5 { writer.string(errorMessage) }
            writer.tags()
        }
    }
}
