/// The request of FindCoordinator (API key 10), versions 0 to 6.
public struct FindCoordinatorRequest: Sendable, Equatable {
    /// `key` (up to version 3).
    public var key: String
    /// `keyType` (version 1 and later).
    public var keyType: Int8
    /// `coordinatorKeys` (version 4 and later).
    public var coordinatorKeys: [String]

    /// Every field has the protocol's default.
    public init(
        key: String = "",
        keyType: Int8 = 0,
        coordinatorKeys: [String] = []
    ) {
        self.key = key
        self.keyType = keyType
        self.coordinatorKeys = coordinatorKeys
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version <= 3 { key = try reader.string() }
        if reader.version >= 1 { keyType = try reader.int8() }
        if reader.version >= 4 {
            coordinatorKeys = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version <= 3 { writer.string(key) }
        if writer.version >= 1 { writer.int8(keyType) }
        if writer.version >= 4 { writer.array(coordinatorKeys) { writer, element in writer.string(element) } }
        writer.tags()
    }
}

/// The response of FindCoordinator (API key 10), versions 0 to 6.
public struct FindCoordinatorResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (up to version 3).
    public var errorCode: Int16
    /// `errorMessage` (versions 1 to 3).
    public var errorMessage: String?
    /// `nodeId` (up to version 3).
    public var nodeID: Int32
    /// `host` (up to version 3).
    public var host: String
    /// `port` (up to version 3).
    public var port: Int32
    /// `coordinators` (version 4 and later).
    public var coordinators: [Coordinator]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        nodeID: Int32 = 0,
        host: String = "",
        port: Int32 = 0,
        coordinators: [Coordinator] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.nodeID = nodeID
        self.host = host
        self.port = port
        self.coordinators = coordinators
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        if reader.version <= 3 { errorCode = try reader.int16() }
        if reader.version >= 1, reader.version <= 3 { errorMessage = try reader.nullableString() }
        if reader.version <= 3 { nodeID = try reader.int32() }
        if reader.version <= 3 { host = try reader.string() }
        if reader.version <= 3 { port = try reader.int32() }
        if reader.version >= 4 {
            coordinators = try reader.array { (reader: inout WireReader) throws(WireError) in
                try Coordinator(from: &reader)
            }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        if writer.version <= 3 { writer.int16(errorCode) }
        if writer.version >= 1, writer.version <= 3 { writer.string(errorMessage) }
        if writer.version <= 3 { writer.int32(nodeID) }
        if writer.version <= 3 { writer.string(host) }
        if writer.version <= 3 { writer.int32(port) }
        if writer.version >= 4 { writer.array(coordinators) { writer, element in element.encode(to: &writer) } }
        writer.tags()
    }

    /// An element of `coordinators`.
    public struct Coordinator: Sendable, Equatable {
        /// `key` (version 4 and later).
        public var key: String
        /// `nodeId` (version 4 and later).
        public var nodeID: Int32
        /// `host` (version 4 and later).
        public var host: String
        /// `port` (version 4 and later).
        public var port: Int32
        /// `errorCode` (version 4 and later).
        public var errorCode: Int16
        /// `errorMessage` (version 4 and later).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            key: String = "",
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 4 { key = try reader.string() }
            if reader.version >= 4 { nodeID = try reader.int32() }
            if reader.version >= 4 { host = try reader.string() }
            if reader.version >= 4 { port = try reader.int32() }
            if reader.version >= 4 { errorCode = try reader.int16() }
            if reader.version >= 4 { errorMessage = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 4 { writer.string(key) }
            if writer.version >= 4 { writer.int32(nodeID) }
            if writer.version >= 4 { writer.string(host) }
            if writer.version >= 4 { writer.int32(port) }
            if writer.version >= 4 { writer.int16(errorCode) }
            if writer.version >= 4 { writer.string(errorMessage) }
            writer.tags()
        }
    }
}
