/// The request of ListGroups (API key 16), versions 0 to 5.
public struct ListGroupsRequest: Sendable, Equatable {
    /// `statesFilter` (version 4 and later).
    public var statesFilter: [String]
    /// `typesFilter` (version 5 and later).
    public var typesFilter: [String]

    /// Every field has the protocol's default.
    public init(
        statesFilter: [String] = [],
        typesFilter: [String] = []
    ) {
        self.statesFilter = statesFilter
        self.typesFilter = typesFilter
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 4 {
            statesFilter = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        }
        if reader.version >= 5 {
            typesFilter = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 4 { writer.array(statesFilter) { writer, element in writer.string(element) } }
        if writer.version >= 5 { writer.array(typesFilter) { writer, element in writer.string(element) } }
        writer.tags()
    }
}

/// The response of ListGroups (API key 16), versions 0 to 5.
public struct ListGroupsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `groups` (every version).
    public var groups: [ListedGroup]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        groups: [ListedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.groups = groups
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        errorCode = try reader.int16()
        groups = try reader.array { (reader: inout WireReader) throws(WireError) in try ListedGroup(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.int16(errorCode)
        writer.array(groups) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `groups`.
    public struct ListedGroup: Sendable, Equatable {
        /// `groupId` (every version).
        public var groupID: String
        /// `protocolType` (every version).
        public var protocolType: String
        /// `groupState` (version 4 and later).
        public var groupState: String
        /// `groupType` (version 5 and later).
        public var groupType: String

        /// Every field has the protocol's default.
        public init(
            groupID: String = "",
            protocolType: String = "",
            groupState: String = "",
            groupType: String = ""
        ) {
            self.groupID = groupID
            self.protocolType = protocolType
            self.groupState = groupState
            self.groupType = groupType
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            groupID = try reader.string()
            protocolType = try reader.string()
            if reader.version >= 4 { groupState = try reader.string() }
            if reader.version >= 5 { groupType = try reader.string() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(groupID)
            writer.string(protocolType)
            if writer.version >= 4 { writer.string(groupState) }
            if writer.version >= 5 { writer.string(groupType) }
            writer.tags()
        }
    }
}
