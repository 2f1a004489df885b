/// The request of JoinGroup (API key 11), versions 0 to 9.
public struct JoinGroupRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `sessionTimeoutMs` (every version).
    public var sessionTimeoutMs: Int32
    /// `rebalanceTimeoutMs` (version 1 and later).
    public var rebalanceTimeoutMs: Int32
    /// `memberId` (every version).
    public var memberID: String
    /// `groupInstanceId` (version 5 and later).
    public var groupInstanceID: String?
    /// `protocolType` (every version).
    public var protocolType: String
    /// `protocols` (every version).
    public var protocols: [JoinGroupRequestProtocol]
    /// `reason` (version 8 and later).
    public var reason: String?

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        sessionTimeoutMs: Int32 = 0,
        rebalanceTimeoutMs: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String = "",
        protocols: [JoinGroupRequestProtocol] = [],
        reason: String? = nil
    ) {
        self.groupID = groupID
        self.sessionTimeoutMs = sessionTimeoutMs
        self.rebalanceTimeoutMs = rebalanceTimeoutMs
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocols = protocols
        self.reason = reason
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        sessionTimeoutMs = try reader.int32()
        if reader.version >= 1 { rebalanceTimeoutMs = try reader.int32() }
        memberID = try reader.string()
        if reader.version >= 5 { groupInstanceID = try reader.nullableString() }
        protocolType = try reader.string()
        protocols = try reader.array { (reader: inout WireReader) throws(WireError) in
            try JoinGroupRequestProtocol(from: &reader)
        }
        if reader.version >= 8 { reason = try reader.nullableString() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        writer.int32(sessionTimeoutMs)
        if writer.version >= 1 { writer.int32(rebalanceTimeoutMs) }
        writer.string(memberID)
        if writer.version >= 5 { writer.string(groupInstanceID) }
        writer.string(protocolType)
        writer.array(protocols) { writer, element in element.encode(to: &writer) }
        if writer.version >= 8 { writer.string(reason) }
        writer.tags()
    }

    /// An element of `protocols`.
    public struct JoinGroupRequestProtocol: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `metadata` (every version).
        public var metadata: [UInt8]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            metadata: [UInt8] = []
        ) {
            self.name = name
            self.metadata = metadata
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            metadata = try reader.byteArray()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.byteArray(metadata)
            writer.tags()
        }
    }
}

/// The response of JoinGroup (API key 11), versions 0 to 9.
public struct JoinGroupResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 2 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `generationId` (every version).
    public var generationID: Int32
    /// `protocolType` (version 7 and later).
    public var protocolType: String?
    /// `protocolName` (every version).
    public var protocolName: String?
    /// `leader` (every version).
    public var leader: String
    /// `skipAssignment` (version 9 and later).
    public var skipAssignment: Bool
    /// `memberId` (every version).
    public var memberID: String
    /// `members` (every version).
    public var members: [JoinGroupResponseMember]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        generationID: Int32 = -1,
        protocolType: String? = nil,
        protocolName: String? = nil,
        leader: String = "",
        skipAssignment: Bool = false,
        memberID: String = "",
        members: [JoinGroupResponseMember] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.generationID = generationID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.leader = leader
        self.skipAssignment = skipAssignment
        self.memberID = memberID
        self.members = members
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 2 { throttleTimeMs = try reader.int32() }
        errorCode = try reader.int16()
        generationID = try reader.int32()
        if reader.version >= 7 { protocolType = try reader.nullableString() }
        protocolName = try reader.nullableString()
        leader = try reader.string()
        if reader.version >= 9 { skipAssignment = try reader.bool() }
        memberID = try reader.string()
        members = try reader.array { (reader: inout WireReader) throws(WireError) in
            try JoinGroupResponseMember(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 2 { writer.int32(throttleTimeMs) }
        writer.int16(errorCode)
        writer.int32(generationID)
        if writer.version >= 7 { writer.string(protocolType) }
        writer.string(protocolName)
        writer.string(leader)
        if writer.version >= 9 { writer.bool(skipAssignment) }
        writer.string(memberID)
        writer.array(members) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `members`.
    public struct JoinGroupResponseMember: Sendable, Equatable {
        /// `memberId` (every version).
        public var memberID: String
        /// `groupInstanceId` (version 5 and later).
        public var groupInstanceID: String?
        /// `metadata` (every version).
        public var metadata: [UInt8]

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            metadata: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.metadata = metadata
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            memberID = try reader.string()
            if reader.version >= 5 { groupInstanceID = try reader.nullableString() }
            metadata = try reader.byteArray()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(memberID)
            if writer.version >= 5 { writer.string(groupInstanceID) }
            writer.byteArray(metadata)
            writer.tags()
        }
    }
}
