/// The request of ListConfigResources (API key 74), versions 0 to 1.
public struct ListConfigResourcesRequest: Sendable, Equatable {
    /// `resourceTypes` (version 1 and later).
    public var resourceTypes: [Int8]

    /// Every field has the protocol's default.
    public init(
        resourceTypes: [Int8] = []
    ) {
        self.resourceTypes = resourceTypes
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 {
            resourceTypes = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int8() }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.array(resourceTypes) { writer, element in writer.int8(element) } }
        writer.tags()
    }
}

/// The response of ListConfigResources (API key 74), versions 0 to 1.
public struct ListConfigResourcesResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `configResources` (every version).
    public var configResources: [ConfigResource]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        configResources: [ConfigResource] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.configResources = configResources
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        configResources = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ConfigResource(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.array(configResources) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `configResources`.
    public struct ConfigResource: Sendable, Equatable {
        /// `resourceName` (every version).
        public var resourceName: String
        /// `resourceType` (version 1 and later).
        public var resourceType: Int8

        /// Every field has the protocol's default.
        public init(
            resourceName: String = "",
            resourceType: Int8 = 16
        ) {
            self.resourceName = resourceName
            self.resourceType = resourceType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            resourceName = try reader.string()
            if reader.version >= 1 { resourceType = try reader.int8() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(resourceName)
            if writer.version >= 1 { writer.int8(resourceType) }
            writer.tags()
        }
    }
}
