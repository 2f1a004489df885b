/// The request of DescribeAcls (API key 29), versions 1 to 3.
public struct DescribeAclsRequest: Sendable, Equatable {
    /// `resourceTypeFilter` (every version).
    public var resourceTypeFilter: Int8
    /// `resourceNameFilter` (every version).
    public var resourceNameFilter: String?
    /// `patternTypeFilter` (every version).
    public var patternTypeFilter: Int8
    /// `principalFilter` (every version).
    public var principalFilter: String?
    /// `hostFilter` (every version).
    public var hostFilter: String?
    /// `operation` (every version).
    public var operation: Int8
    /// `permissionType` (every version).
    public var permissionType: Int8

    /// Every field has the protocol's default.
    public init(
        resourceTypeFilter: Int8 = 0,
        resourceNameFilter: String? = nil,
        patternTypeFilter: Int8 = 3,
        principalFilter: String? = nil,
        hostFilter: String? = nil,
        operation: Int8 = 0,
        permissionType: Int8 = 0
    ) {
        self.resourceTypeFilter = resourceTypeFilter
        self.resourceNameFilter = resourceNameFilter
        self.patternTypeFilter = patternTypeFilter
        self.principalFilter = principalFilter
        self.hostFilter = hostFilter
        self.operation = operation
        self.permissionType = permissionType
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        resourceTypeFilter = try reader.int8()
        resourceNameFilter = try reader.nullableString()
        patternTypeFilter = try reader.int8()
        principalFilter = try reader.nullableString()
        hostFilter = try reader.nullableString()
        operation = try reader.int8()
        permissionType = try reader.int8()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int8(resourceTypeFilter)
        writer.string(resourceNameFilter)
        writer.int8(patternTypeFilter)
        writer.string(principalFilter)
        writer.string(hostFilter)
        writer.int8(operation)
        writer.int8(permissionType)
        writer.tags()
    }
}

/// The response of DescribeAcls (API key 29), versions 1 to 3.
public struct DescribeAclsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `resources` (every version).
    public var resources: [DescribeAclsResource]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        resources: [DescribeAclsResource] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.resources = resources
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        resources = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeAclsResource(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.array(resources) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `resources`.
    public struct DescribeAclsResource: Sendable, Equatable {
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `patternType` (every version).
        public var patternType: Int8
        /// `acls` (every version).
        public var acls: [AclDescription]

        /// Every field has the protocol's default.
        public init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            patternType: Int8 = 3,
            acls: [AclDescription] = []
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.patternType = patternType
            self.acls = acls
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            patternType = try reader.int8()
            acls = try reader.array { (reader: inout WireReader) throws(WireError) in try AclDescription(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.int8(patternType)
            writer.array(acls) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `acls`.
    public struct AclDescription: Sendable, Equatable {
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
            principal: String = "",
            host: String = "",
            operation: Int8 = 0,
            permissionType: Int8 = 0
        ) {
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            principal = try reader.string()
            host = try reader.string()
            operation = try reader.int8()
            permissionType = try reader.int8()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(principal)
            writer.string(host)
            writer.int8(operation)
            writer.int8(permissionType)
            writer.tags()
        }
    }
}
