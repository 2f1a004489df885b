/// The request of DeleteGroups (API key 42), versions 0 to 2.
public struct DeleteGroupsRequest: Sendable, Equatable {
    /// `groupsNames` (every version).
    public var groupsNames: [String]

    /// Every field has the protocol's default.
    public init(
        groupsNames: [String] = []
    ) {
        self.groupsNames = groupsNames
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupsNames = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(groupsNames) { writer, element in writer.string(element) }
        writer.tags()
    }
}

/// The response of DeleteGroups (API key 42), versions 0 to 2.
public struct DeleteGroupsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [DeletableGroupResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [DeletableGroupResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DeletableGroupResult(from: &reader)
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
    public struct DeletableGroupResult: Sendable, Equatable {
        /// `groupId` (every version).
        public var groupID: String
        /// `errorCode` (every version).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            groupID: String = "",
            errorCode: Int16 = 0
        ) {
            self.groupID = groupID
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            groupID = try reader.string()
            errorCode = try reader.int16()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(groupID)
            writer.int16(errorCode)
            writer.tags()
        }
    }
}
