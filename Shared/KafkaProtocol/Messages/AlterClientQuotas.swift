/// The request of AlterClientQuotas (API key 49), versions 0 to 1.
public struct AlterClientQuotasRequest: Sendable, Equatable {
    /// `entries` (every version).
    public var entries: [EntryData]
    /// `validateOnly` (every version).
    public var validateOnly: Bool

    /// Every field has the protocol's default.
    public init(
        entries: [EntryData] = [],
        validateOnly: Bool = false
    ) {
        self.entries = entries
        self.validateOnly = validateOnly
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        entries = try reader.array { (reader: inout WireReader) throws(WireError) in try EntryData(from: &reader) }
        validateOnly = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(entries) { writer, element in element.encode(to: &writer) }
        writer.bool(validateOnly)
        writer.tags()
    }

    /// An element of `entries`.
    public struct EntryData: Sendable, Equatable {
        /// `entity` (every version).
        public var entity: [EntityData]
        /// `ops` (every version).
        public var ops: [OpData]

        /// Every field has the protocol's default.
        public init(
            entity: [EntityData] = [],
            ops: [OpData] = []
        ) {
            self.entity = entity
            self.ops = ops
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            entity = try reader.array { (reader: inout WireReader) throws(WireError) in try EntityData(from: &reader) }
            ops = try reader.array { (reader: inout WireReader) throws(WireError) in try OpData(from: &reader) }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.array(entity) { writer, element in element.encode(to: &writer) }
            writer.array(ops) { writer, element in element.encode(to: &writer) }
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

    /// An element of `ops`.
    public struct OpData: Sendable, Equatable {
        /// `key` (every version).
        public var key: String
        /// `value` (every version).
        public var value: Double
        /// `remove` (every version).
        public var remove: Bool

        /// Every field has the protocol's default.
        public init(
            key: String = "",
            value: Double = 0,
            remove: Bool = false
        ) {
            self.key = key
            self.value = value
            self.remove = remove
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            key = try reader.string()
            value = try reader.float64()
            remove = try reader.bool()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(key)
            writer.float64(value)
            writer.bool(remove)
            writer.tags()
        }
    }
}

/// The response of AlterClientQuotas (API key 49), versions 0 to 1.
public struct AlterClientQuotasResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `entries` (every version).
    public var entries: [EntryData]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        entries: [EntryData] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.entries = entries
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        entries = try reader.array { (reader: inout WireReader) throws(WireError) in try EntryData(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(entries) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `entries`.
    public struct EntryData: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `entity` (every version).
        public var entity: [EntityData]

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            entity: [EntityData] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.entity = entity
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            entity = try reader.array { (reader: inout WireReader) throws(WireError) in try EntityData(from: &reader) }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.array(entity) { writer, element in element.encode(to: &writer) }
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
}
