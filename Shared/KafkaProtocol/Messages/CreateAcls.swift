/// The request of CreateAcls (API key 30), versions 1 to 3.
public struct CreateAclsRequest: Sendable, Equatable {
    /// `creations` (every version).
    public var creations: [AclCreation]

    /// Every field has the protocol's default.
    public init(
        creations: [AclCreation] = []
    ) {
        self.creations = creations
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        creations = try reader.array { (reader: inout WireReader) throws(WireError) in try AclCreation(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(creations) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `creations`.
    public struct AclCreation: Sendable, Equatable {
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `resourcePatternType` (every version).
        public var resourcePatternType: Int8
        /// `principal` (every version).
        public var principal: String
        /// `host` (every version).
        public var host: String
        /// `operation` (every version).
        public var operation: Int8
        /// `permissionType` (every version).
        public var permissionType: Int8

        /// Every field has the protocol's default.
        public init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            resourcePatternType: Int8 = 3,
            principal: String = "",
            host: String = "",
            operation: Int8 = 0,
            permissionType: Int8 = 0
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.resourcePatternType = resourcePatternType
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            resourcePatternType = try reader.int8()
            principal = try reader.string()
            host = try reader.string()
            operation = try reader.int8()
            permissionType = try reader.int8()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.int8(resourcePatternType)
            writer.string(principal)
            writer.string(host)
            writer.int8(operation)
            writer.int8(permissionType)
            writer.tags()
        }
    }
}

/// The response of CreateAcls (API key 30), versions 1 to 3.
public struct CreateAclsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [AclCreationResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [AclCreationResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AclCreationResult(from: &reader)
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
    public struct AclCreationResult: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.tags()
        }
    }
}
