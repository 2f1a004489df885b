/// The request of IncrementalAlterConfigs (API key 44), versions 0 to 1.
public struct IncrementalAlterConfigsRequest: Sendable, Equatable {
    /// `resources` (every version).
    public var resources: [AlterConfigsResource]
    /// `validateOnly` (every version).
    public var validateOnly: Bool

    /// Every field has the protocol's default.
    public init(
        resources: [AlterConfigsResource] = [],
        validateOnly: Bool = false
    ) {
        self.resources = resources
        self.validateOnly = validateOnly
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        resources = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResource(from: &reader)
        }
        validateOnly = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(resources) { writer, element in element.encode(to: &writer) }
        writer.bool(validateOnly)
        writer.tags()
    }

    /// An element of `resources`.
    public struct AlterConfigsResource: Sendable, Equatable {
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `configs` (every version).
        public var configs: [AlterableConfig]

        /// Every field has the protocol's default.
        public init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            configs: [AlterableConfig] = []
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            configs = try reader.array { (reader: inout WireReader) throws(WireError) in
                try AlterableConfig(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.array(configs) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `configs`.
    public struct AlterableConfig: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `configOperation` (every version).
        public var configOperation: Int8
        /// `value` (every version).
        public var value: String?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            configOperation: Int8 = 0,
            value: String? = nil
        ) {
            self.name = name
            self.configOperation = configOperation
            self.value = value
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            configOperation = try reader.int8()
            value = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int8(configOperation)
            writer.string(value)
            writer.tags()
        }
    }
}

/// The response of IncrementalAlterConfigs (API key 44), versions 0 to 1.
public struct IncrementalAlterConfigsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `responses` (every version).
    public var responses: [AlterConfigsResourceResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        responses: [AlterConfigsResourceResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        responses = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResourceResponse(from: &reader)
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
    public struct AlterConfigsResourceResponse: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = ""
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.tags()
        }
    }
}
