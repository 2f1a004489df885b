/// The request of SyncGroup (API key 14), versions 0 to 5.
public struct SyncGroupRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `generationId` (every version).
    public var generationID: Int32
    /// `memberId` (every version).
    public var memberID: String
    /// `groupInstanceId` (version 3 and later).
    public var groupInstanceID: String?
    /// `protocolType` (version 5 and later).
    public var protocolType: String?
    /// `protocolName` (version 5 and later).
    public var protocolName: String?
    /// `assignments` (every version).
    public var assignments: [SyncGroupRequestAssignment]

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        generationID: Int32 = 0,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignments: [SyncGroupRequestAssignment] = []
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        generationID = try reader.int32()
        memberID = try reader.string()
        if reader.version >= 3 { groupInstanceID = try reader.nullableString() }
        if reader.version >= 5 { protocolType = try reader.nullableString() }
        if reader.version >= 5 { protocolName = try reader.nullableString() }
        assignments = try reader.array { (reader: inout WireReader) throws(WireError) in
            try SyncGroupRequestAssignment(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        writer.int32(generationID)
        writer.string(memberID)
        if writer.version >= 3 { writer.string(groupInstanceID) }
        if writer.version >= 5 { writer.string(protocolType) }
        if writer.version >= 5 { writer.string(protocolName) }
        writer.array(assignments) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `assignments`.
    public struct SyncGroupRequestAssignment: Sendable, Equatable {
        /// `memberId` (every version).
        public var memberID: String
        /// `assignment` (every version).
        public var assignment: [UInt8]

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            assignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.assignment = assignment
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            memberID = try reader.string()
            assignment = try reader.byteArray()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(memberID)
            writer.byteArray(assignment)
            writer.tags()
        }
    }
}

/// The response of SyncGroup (API key 14), versions 0 to 5.
public struct SyncGroupResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `protocolType` (version 5 and later).
    public var protocolType: String?
    /// `protocolName` (version 5 and later).
    public var protocolName: String?
    /// `assignment` (every version).
    public var assignment: [UInt8]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignment: [UInt8] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignment = assignment
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        errorCode = try reader.int16()
        if reader.version >= 5 { protocolType = try reader.nullableString() }
        if reader.version >= 5 { protocolName = try reader.nullableString() }
        assignment = try reader.byteArray()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.int16(errorCode)
        if writer.version >= 5 { writer.string(protocolType) }
        if writer.version >= 5 { writer.string(protocolName) }
        writer.byteArray(assignment)
        writer.tags()
    }
}
