/// The request of DeleteAcls (API key 31), versions 1 to 3.
public struct DeleteAclsRequest: Sendable, Equatable {
    /// `filters` (every version).
    public var filters: [DeleteAclsFilter]

    /// Every field has the protocol's default.
    public init(
        filters: [DeleteAclsFilter] = []
    ) {
        self.filters = filters
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        filters = try reader.array { (reader: inout WireReader) throws(WireError) in try DeleteAclsFilter(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(filters) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `filters`.
    public struct DeleteAclsFilter: Sendable, Equatable {
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
}

/// The response of DeleteAcls (API key 31), versions 1 to 3.
public struct DeleteAclsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `filterResults` (every version).
    public var filterResults: [DeleteAclsFilterResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        filterResults: [DeleteAclsFilterResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.filterResults = filterResults
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        filterResults = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DeleteAclsFilterResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(filterResults) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `filterResults`.
    public struct DeleteAclsFilterResult: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `matchingAcls` (every version).
        public var matchingAcls: [DeleteAclsMatchingAcl]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            matchingAcls: [DeleteAclsMatchingAcl] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.matchingAcls = matchingAcls
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            matchingAcls = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DeleteAclsMatchingAcl(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.array(matchingAcls) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `matchingAcls`.
    public struct DeleteAclsMatchingAcl: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `patternType` (every version).
        public var patternType: Int8
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
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = "",
            patternType: Int8 = 3,
            principal: String = "",
            host: String = "",
            operation: Int8 = 0,
            permissionType: Int8 = 0
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.patternType = patternType
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            patternType = try reader.int8()
            principal = try reader.string()
            host = try reader.string()
            operation = try reader.int8()
            permissionType = try reader.int8()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.int8(patternType)
            writer.string(principal)
            writer.string(host)
            writer.int8(operation)
            writer.int8(permissionType)
            writer.tags()
        }
    }
}
