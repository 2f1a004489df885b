/// The request of DescribeLogDirs (API key 35), versions 1 to 4.
public struct DescribeLogDirsRequest: Sendable, Equatable {
    /// `topics` (every version).
    public var topics: [DescribableLogDirTopic]?

    /// Every field has the protocol's default.
    public init(
        topics: [DescribableLogDirTopic]? = nil
    ) {
        self.topics = topics
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        topics = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try DescribableLogDirTopic(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(topics) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `topics`.
    public struct DescribableLogDirTopic: Sendable, Equatable {
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

/// The response of DescribeLogDirs (API key 35), versions 1 to 4.
public struct DescribeLogDirsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (version 3 and later).
    public var errorCode: Int16
    /// `results` (every version).
    public var results: [DescribeLogDirsResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        results: [DescribeLogDirsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        if reader.version >= 3 { errorCode = try reader.int16() }
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeLogDirsResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        if writer.version >= 3 { writer.int16(errorCode) }
        writer.array(results) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `results`.
    public struct DescribeLogDirsResult: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `logDir` (every version).
        public var logDir: String
        /// `topics` (every version).
        public var topics: [DescribeLogDirsTopic]
        /// `totalBytes` (version 4 and later).
        public var totalBytes: Int64
        /// `usableBytes` (version 4 and later).
        public var usableBytes: Int64

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            logDir: String = "",
            topics: [DescribeLogDirsTopic] = [],
            totalBytes: Int64 = -1,
            usableBytes: Int64 = -1
        ) {
            self.errorCode = errorCode
            self.logDir = logDir
            self.topics = topics
            self.totalBytes = totalBytes
            self.usableBytes = usableBytes
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            logDir = try reader.string()
            topics = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribeLogDirsTopic(from: &reader)
            }
            if reader.version >= 4 { totalBytes = try reader.int64() }
            if reader.version >= 4 { usableBytes = try reader.int64() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(logDir)
            writer.array(topics) { writer, element in element.encode(to: &writer) }
            if writer.version >= 4 { writer.int64(totalBytes) }
            if writer.version >= 4 { writer.int64(usableBytes) }
            writer.tags()
        }
    }

    /// An element of `topics`.
    public struct DescribeLogDirsTopic: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `partitions` (every version).
        public var partitions: [DescribeLogDirsPartition]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            partitions: [DescribeLogDirsPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            partitions = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribeLogDirsPartition(from: &reader)
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
    public struct DescribeLogDirsPartition: Sendable, Equatable {
        /// `partitionIndex` (every version).
        public var partitionIndex: Int32
        /// `partitionSize` (every version).
        public var partitionSize: Int64
        /// `offsetLag` (every version).
        public var offsetLag: Int64
        /// `isFutureKey` (every version).
        public var isFutureKey: Bool

        /// Every field has the protocol's default.
        public init(
            partitionIndex: Int32 = 0,
            partitionSize: Int64 = 0,
            offsetLag: Int64 = 0,
            isFutureKey: Bool = false
        ) {
            self.partitionIndex = partitionIndex
            self.partitionSize = partitionSize
            self.offsetLag = offsetLag
            self.isFutureKey = isFutureKey
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            partitionIndex = try reader.int32()
            partitionSize = try reader.int64()
            offsetLag = try reader.int64()
            isFutureKey = try reader.bool()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(partitionIndex)
            writer.int64(partitionSize)
            writer.int64(offsetLag)
            writer.bool(isFutureKey)
            writer.tags()
        }
    }
}
