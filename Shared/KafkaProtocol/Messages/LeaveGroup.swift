/// The request of LeaveGroup (API key 13), versions 0 to 5.
public struct LeaveGroupRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `memberId` (up to version 2).
    public var memberID: String
    /// `members` (version 3 and later).
    public var members: [MemberIdentity]

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        memberID: String = "",
        members: [MemberIdentity] = []
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.members = members
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        if reader.version <= 2 { memberID = try reader.string() }
        if reader.version >= 3 {
            members = try reader.array { (reader: inout WireReader) throws(WireError) in
                try MemberIdentity(from: &reader)
            }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        if writer.version <= 2 { writer.string(memberID) }
        if writer.version >= 3 { writer.array(members) { writer, element in element.encode(to: &writer) } }
        writer.tags()
    }

    /// An element of `members`.
    public struct MemberIdentity: Sendable, Equatable {
        /// `memberId` (version 3 and later).
        public var memberID: String
        /// `groupInstanceId` (version 3 and later).
        public var groupInstanceID: String?
        /// `reason` (version 5 and later).
        public var reason: String?

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            reason: String? = nil
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.reason = reason
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 3 { memberID = try reader.string() }
            if reader.version >= 3 { groupInstanceID = try reader.nullableString() }
            if reader.version >= 5 { reason = try reader.nullableString() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 3 { writer.string(memberID) }
            if writer.version >= 3 { writer.string(groupInstanceID) }
            if writer.version >= 5 { writer.string(reason) }
            writer.tags()
        }
    }
}

/// The response of LeaveGroup (API key 13), versions 0 to 5.
public struct LeaveGroupResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `members` (version 3 and later).
    public var members: [MemberResponse]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        members: [MemberResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.members = members
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        errorCode = try reader.int16()
        if reader.version >= 3 {
            members = try reader.array { (reader: inout WireReader) throws(WireError) in
                try MemberResponse(from: &reader)
            }
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.int16(errorCode)
        if writer.version >= 3 { writer.array(members) { writer, element in element.encode(to: &writer) } }
        writer.tags()
    }

    /// An element of `members`.
    public struct MemberResponse: Sendable, Equatable {
        /// `memberId` (version 3 and later).
        public var memberID: String
        /// `groupInstanceId` (version 3 and later).
        public var groupInstanceID: String?
        /// `errorCode` (version 3 and later).
        public var errorCode: Int16

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            errorCode: Int16 = 0
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.errorCode = errorCode
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            if reader.version >= 3 { memberID = try reader.string() }
            if reader.version >= 3 { groupInstanceID = try reader.nullableString() }
            if reader.version >= 3 { errorCode = try reader.int16() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            if writer.version >= 3 { writer.string(memberID) }
            if writer.version >= 3 { writer.string(groupInstanceID) }
            if writer.version >= 3 { writer.int16(errorCode) }
            writer.tags()
        }
    }
}
