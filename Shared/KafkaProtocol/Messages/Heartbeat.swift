/// The request of Heartbeat (API key 12), versions 0 to 4.
public struct HeartbeatRequest: Sendable, Equatable {
    /// `groupId` (every version).
    public var groupID: String
    /// `generationId` (every version).
    public var generationID: Int32
    /// `memberId` (every version).
    public var memberID: String
    /// `groupInstanceId` (version 3 and later).
    public var groupInstanceID: String?

    /// Every field has the protocol's default.
    public init(
        groupID: String = "",
        generationID: Int32 = 0,
        memberID: String = "",
        groupInstanceID: String? = nil
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupID = try reader.string()
        generationID = try reader.int32()
        memberID = try reader.string()
        if reader.version >= 3 { groupInstanceID = try reader.nullableString() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(groupID)
        writer.int32(generationID)
        writer.string(memberID)
        if writer.version >= 3 { writer.string(groupInstanceID) }
        writer.tags()
    }
}

/// The response of Heartbeat (API key 12), versions 0 to 4.
public struct HeartbeatResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        errorCode = try reader.int16()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.int16(errorCode)
        writer.tags()
    }
}
