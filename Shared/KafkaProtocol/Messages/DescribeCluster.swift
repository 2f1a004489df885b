/// The request of DescribeCluster (API key 60), versions 0 to 2.
public struct DescribeClusterRequest: Sendable, Equatable {
    /// `includeClusterAuthorizedOperations` (every version).
    public var includeClusterAuthorizedOperations: Bool
    /// `endpointType` (version 1 and later).
    public var endpointType: Int8
    /// `includeFencedBrokers` (version 2 and later).
    public var includeFencedBrokers: Bool

    /// Every field has the protocol's default.
    public init(
        includeClusterAuthorizedOperations: Bool = false,
        endpointType: Int8 = 1,
        includeFencedBrokers: Bool = false
    ) {
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.endpointType = endpointType
        self.includeFencedBrokers = includeFencedBrokers
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        includeClusterAuthorizedOperations = try reader.bool()
        if reader.version >= 1 { endpointType = try reader.int8() }
        if reader.version >= 2 { includeFencedBrokers = try reader.bool() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.bool(includeClusterAuthorizedOperations)
        if writer.version >= 1 { writer.int8(endpointType) }
        if writer.version >= 2 { writer.bool(includeFencedBrokers) }
        writer.tags()
    }
}

/// The response of DescribeCluster (API key 60), versions 0 to 2.
public struct DescribeClusterResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `endpointType` (version 1 and later).
    public var endpointType: Int8
    /// `clusterId` (every version).
    public var clusterID: String
    /// `controllerId` (every version).
    public var controllerID: Int32
    /// `brokers` (every version).
    public var brokers: [DescribeClusterBroker]
    /// `clusterAuthorizedOperations` (every version).
    public var clusterAuthorizedOperations: Int32

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        endpointType: Int8 = 1,
        clusterID: String = "",
        controllerID: Int32 = -1,
        brokers: [DescribeClusterBroker] = [],
        clusterAuthorizedOperations: Int32 = .min
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.endpointType = endpointType
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        if reader.version >= 1 { endpointType = try reader.int8() }
        clusterID = try reader.string()
        controllerID = try reader.int32()
        brokers = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeClusterBroker(from: &reader)
        }
        clusterAuthorizedOperations = try reader.int32()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        if writer.version >= 1 { writer.int8(endpointType) }
        writer.string(clusterID)
        writer.int32(controllerID)
        writer.array(brokers) { writer, element in element.encode(to: &writer) }
        writer.int32(clusterAuthorizedOperations)
        writer.tags()
    }

    /// An element of `brokers`.
    public struct DescribeClusterBroker: Sendable, Equatable {
        /// `brokerId` (every version).
        public var brokerID: Int32
        /// `host` (every version).
        public var host: String
        /// `port` (every version).
        public var port: Int32
        /// `rack` (every version).
        public var rack: String?
        /// `isFenced` (version 2 and later).
        public var isFenced: Bool

        /// Every field has the protocol's default.
        public init(
            brokerID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil,
            isFenced: Bool = false
        ) {
            self.brokerID = brokerID
            self.host = host
            self.port = port
            self.rack = rack
            self.isFenced = isFenced
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            brokerID = try reader.int32()
            host = try reader.string()
            port = try reader.int32()
            rack = try reader.nullableString()
            if reader.version >= 2 { isFenced = try reader.bool() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int32(brokerID)
            writer.string(host)
            writer.int32(port)
            writer.string(rack)
            if writer.version >= 2 { writer.bool(isFenced) }
            writer.tags()
        }
    }
}
