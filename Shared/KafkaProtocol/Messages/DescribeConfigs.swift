/// The request of DescribeConfigs (API key 32), versions 1 to 4.
public struct DescribeConfigsRequest: Sendable, Equatable {
    /// `resources` (every version).
    public var resources: [DescribeConfigsResource]
    /// `includeSynonyms` (every version).
    public var includeSynonyms: Bool
    /// `includeDocumentation` (version 3 and later).
    public var includeDocumentation: Bool

    /// Every field has the protocol's default.
    public init(
        resources: [DescribeConfigsResource] = [],
        includeSynonyms: Bool = false,
        includeDocumentation: Bool = false
    ) {
        self.resources = resources
        self.includeSynonyms = includeSynonyms
        self.includeDocumentation = includeDocumentation
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        resources = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeConfigsResource(from: &reader)
        }
        includeSynonyms = try reader.bool()
        if reader.version >= 3 { includeDocumentation = try reader.bool() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(resources) { writer, element in element.encode(to: &writer) }
        writer.bool(includeSynonyms)
        if writer.version >= 3 { writer.bool(includeDocumentation) }
        writer.tags()
    }

    /// An element of `resources`.
    public struct DescribeConfigsResource: Sendable, Equatable {
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `configurationKeys` (every version).
        public var configurationKeys: [String]?

        /// Every field has the protocol's default.
        public init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            configurationKeys: [String]? = nil
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configurationKeys = configurationKeys
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            configurationKeys = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
                try reader.string()
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.array(configurationKeys) { writer, element in writer.string(element) }
            writer.tags()
        }
    }
}

/// The response of DescribeConfigs (API key 32), versions 1 to 4.
public struct DescribeConfigsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [DescribeConfigsResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [DescribeConfigsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeConfigsResult(from: &reader)
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
    public struct DescribeConfigsResult: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `resourceType` (every version).
        public var resourceType: Int8
        /// `resourceName` (every version).
        public var resourceName: String
        /// `configs` (every version).
        public var configs: [DescribeConfigsResourceResult]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = "",
            configs: [DescribeConfigsResourceResult] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            resourceType = try reader.int8()
            resourceName = try reader.string()
            configs = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribeConfigsResourceResult(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.int8(resourceType)
            writer.string(resourceName)
            writer.array(configs) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `configs`.
    public struct DescribeConfigsResourceResult: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `value` (every version).
        public var value: String?
        /// `readOnly` (every version).
        public var readOnly: Bool
        /// `configSource` (every version).
        public var configSource: Int8
        /// `isSensitive` (every version).
        public var isSensitive: Bool
        /// `synonyms` (every version).
        public var synonyms: [DescribeConfigsSynonym]
        /// `configType` (version 3 and later).
        public var configType: Int8
        /// `documentation` (version 3 and later).
        public var documentation: String?

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false,
            synonyms: [DescribeConfigsSynonym] = [],
            configType: Int8 = 0,
            documentation: String? = nil
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.configSource = configSource
            self.isSensitive = isSensitive
            self.synonyms = synonyms
            self.configType = configType
            self.documentation = documentation
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            value = try reader.nullableString()
            readOnly = try reader.bool()
            configSource = try reader.int8()
            isSensitive = try reader.bool()
            synonyms = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribeConfigsSynonym(from: &reader)
            }
            if reader.version >= 3 { configType = try reader.int8() }
            if reader.version >= 3 { documentation = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.string(value)
            writer.bool(readOnly)
            writer.int8(configSource)
            writer.bool(isSensitive)
            writer.array(synonyms) { writer, element in element.encode(to: &writer) }
            if writer.version >= 3 { writer.int8(configType) }
            if writer.version >= 3 { writer.string(documentation) }
            writer.tags()
        }
    }

    /// An element of `synonyms`.
    public struct DescribeConfigsSynonym: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `value` (every version).
        public var value: String?
        /// `source` (every version).
        public var source: Int8

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            value: String? = nil,
            source: Int8 = 0
        ) {
            self.name = name
            self.value = value
            self.source = source
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            value = try reader.nullableString()
            source = try reader.int8()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.string(value)
            writer.int8(source)
            writer.tags()
        }
    }
}
