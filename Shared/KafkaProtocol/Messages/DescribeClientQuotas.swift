/// The request of DescribeClientQuotas (API key 48), versions 0 to 1.
public struct DescribeClientQuotasRequest: Sendable, Equatable {
    /// `components` (every version).
    public var components: [ComponentData]
    /// `strict` (every version).
    public var strict: Bool

    /// Every field has the protocol's default.
    public init(
        components: [ComponentData] = [],
        strict: Bool = false
    ) {
        self.components = components
        self.strict = strict
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        components = try reader.array { (reader: inout WireReader) throws(WireError) in try ComponentData(from: &reader)
        }
        strict = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(components) { writer, element in element.encode(to: &writer) }
        writer.bool(strict)
        writer.tags()
    }

    /// An element of `components`.
    public struct ComponentData: Sendable, Equatable {
        /// `entityType` (every version).
        public var entityType: String
        /// `matchType` (every version).
        public var matchType: Int8
        /// `match` (every version).
        public var match: String?

        /// Every field has the protocol's default.
        public init(
            entityType: String = "",
            matchType: Int8 = 0,
            match: String? = nil
        ) {
            self.entityType = entityType
            self.matchType = matchType
            self.match = match
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            entityType = try reader.string()
            matchType = try reader.int8()
            match = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(entityType)
            writer.int8(matchType)
            writer.string(match)
            writer.tags()
        }
    }
}

/// The response of DescribeClientQuotas (API key 48), versions 0 to 1.
public struct DescribeClientQuotasResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `entries` (every version).
    public var entries: [EntryData]?

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        entries: [EntryData]? = nil
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.entries = entries
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        entries = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in
            try EntryData(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.array(entries) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `entries`.
    public struct EntryData: Sendable, Equatable {
        /// `entity` (every version).
        public var entity: [EntityData]
        /// `values` (every version).
        public var values: [ValueData]

        /// Every field has the protocol's default.
        public init(
            entity: [EntityData] = [],
            values: [ValueData] = []
        ) {
            self.entity = entity
            self.values = values
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            entity = try reader.array { (reader: inout WireReader) throws(WireError) in try EntityData(from: &reader) }
            values = try reader.array { (reader: inout WireReader) throws(WireError) in try ValueData(from: &reader) }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.array(entity) { writer, element in element.encode(to: &writer) }
            writer.array(values) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `entity`.
    public struct EntityData: Sendable, Equatable {
        /// `entityType` (every version).
        public var entityType: String
        /// `entityName` (every version).
        public var entityName: String?

        /// Every field has the protocol's default.
        public init(
            entityType: String = "",
            entityName: String? = nil
        ) {
            self.entityType = entityType
            self.entityName = entityName
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            entityType = try reader.string()
            entityName = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(entityType)
            writer.string(entityName)
            writer.tags()
        }
    }

    /// An element of `values`.
    public struct ValueData: Sendable, Equatable {
        /// `key` (every version).
        public var key: String
        /// `value` (every version).
        public var value: Double

        /// Every field has the protocol's default.
        public init(
            key: String = "",
            value: Double = 0
        ) {
            self.key = key
            self.value = value
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            key = try reader.string()
            value = try reader.float64()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(key)
            writer.float64(value)
            writer.tags()
        }
    }
}
