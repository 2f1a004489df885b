/// The request of AlterReplicaLogDirs (API key 34), versions 1 to 2.
public struct AlterReplicaLogDirsRequest: Sendable, Equatable {
    /// `dirs` (every version).
    public var dirs: [AlterReplicaLogDir]

    /// Every field has the protocol's default.
    public init(dirs: [AlterReplicaLogDir] = []) {
        self.dirs = dirs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        dirs = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AlterReplicaLogDir(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(dirs) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `dirs`.
    public struct AlterReplicaLogDir: Sendable, Equatable {
        /// `path` (every version).
        public var path: String
        /// `topics` (every version).
        public var topics: [AlterReplicaLogDirTopic]

        /// Every field has the protocol's default.
        public init(
            path: String = "",
            topics: [AlterReplicaLogDirTopic] = []
        ) {
            self.path = path
            self.topics = topics
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            path = try reader.string()
            topics = try reader.array { (reader: inout WireReader) throws(WireError) in
                try AlterReplicaLogDirTopic(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(path)
            writer.array(topics) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct AlterReplicaLogDirTopic: Sendable, Equatable {
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

/// The response of AlterReplicaLogDirs (API key 34), versions 1 to 2.
public struct AlterReplicaLogDirsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [AlterReplicaLogDirTopicResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [AlterReplicaLogDirTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AlterReplicaLogDirTopicResult(from: &reader)
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
    public struct AlterReplicaLogDirTopicResult: Sendable, Equatable {
        /// `topicName` (every version).
        public var topicName: String
        /// `partitions` (every version).
        public var partitions: [AlterReplicaLogDirPartitionResult]

        /// Every field has the protocol's default.
        public init(
            topicName: String = "",
            partitions: [AlterReplicaLogDirPartitionResult] = []
        ) {
            self.topicName = topicName
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            topicName = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try AlterReplicaLogDirPartitionResult(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(topicName)
            writer.array(partitions) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `partitions`.
    public struct AlterReplicaLogDirPartitionResult: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `errorCode` (every version).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            errorCode: Int16 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            errorCode = try reader.int16()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int16(errorCode)
            writer.tags()
        }
    }
}
