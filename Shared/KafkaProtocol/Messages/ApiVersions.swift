/// The request of ApiVersions (API key 18), versions 0 to 4.
public struct ApiVersionsRequest: Sendable, Equatable {
    /// `clientSoftwareName` (version 3 and later).
    public var clientSoftwareName: String
    /// `clientSoftwareVersion` (version 3 and later).
    public var clientSoftwareVersion: String

    /// Every field has the protocol's default.
    public init(
        clientSoftwareName: String = "",
        clientSoftwareVersion: String = ""
    ) {
        self.clientSoftwareName = clientSoftwareName
        self.clientSoftwareVersion = clientSoftwareVersion
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 3 { clientSoftwareName = try reader.string() }
        if reader.version >= 3 { clientSoftwareVersion = try reader.string() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 3 { writer.string(clientSoftwareName) }
        if writer.version >= 3 { writer.string(clientSoftwareVersion) }
        writer.tags()
    }
}

/// The response of ApiVersions (API key 18), versions 0 to 4.
public struct ApiVersionsResponse: Sendable, Equatable {
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `apiKeys` (every version).
    public var apiKeys: [ApiVersion]
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32

    /// Every field has the protocol's default.
    public init(
        errorCode: Int16 = 0,
        apiKeys: [ApiVersion] = [],
        throttleTimeMs: Int32 = 0
    ) {
        self.errorCode = errorCode
        self.apiKeys = apiKeys
        self.throttleTimeMs = throttleTimeMs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        errorCode = try reader.int16()
        apiKeys = try reader.array { (reader: inout WireReader) throws(WireError) in try ApiVersion(from: &reader) }
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int16(errorCode)
        writer.array(apiKeys) { writer, element in element.encode(to: &writer) }
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.tags()
    }

    /// An element of `apiKeys`.
    public struct ApiVersion: Sendable, Equatable {
        /// `apiKey` (every version).
        public var apiKey: Int16
        /// `minVersion` (every version).
        public var minVersion: Int16
        /// `maxVersion` (every version).
        public var maxVersion: Int16

        /// Every field has the protocol's default.
        public init(
            apiKey: Int16 = 0,
            minVersion: Int16 = 0,
            maxVersion: Int16 = 0
        ) {
            self.apiKey = apiKey
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            apiKey = try reader.int16()
            minVersion = try reader.int16()
            maxVersion = try reader.int16()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(apiKey)
            writer.int16(minVersion)
            writer.int16(maxVersion)
            writer.tags()
        }
    }
}
