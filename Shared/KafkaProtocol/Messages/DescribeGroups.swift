/// The request of DescribeGroups (API key 15), versions 0 to 6.
public struct DescribeGroupsRequest: Sendable, Equatable {
    /// `groups` (every version).
    public var groups: [String]
    /// `includeAuthorizedOperations` (version 3 and later).
    public var includeAuthorizedOperations: Bool

    /// Every field has the protocol's default.
    public init(
        groups: [String] = [],
        includeAuthorizedOperations: Bool = false
    ) {
        self.groups = groups
        self.includeAuthorizedOperations = includeAuthorizedOperations
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groups = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        if reader.version >= 3 { includeAuthorizedOperations = try reader.bool() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(groups) { writer, element in writer.string(element) }
        if writer.version >= 3 { writer.bool(includeAuthorizedOperations) }
        writer.tags()
    }
}

/// The response of DescribeGroups (API key 15), versions 0 to 6.
public struct DescribeGroupsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (version 1 and later).
    public var throttleTimeMs: Int32
    /// `groups` (every version).
    public var groups: [DescribedGroup]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        groups: [DescribedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.groups = groups
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        if reader.version >= 1 { throttleTimeMs = try reader.int32() }
        groups = try reader.array { (reader: inout WireReader) throws(WireError) in try DescribedGroup(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        if writer.version >= 1 { writer.int32(throttleTimeMs) }
        writer.array(groups) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `groups`.
    public struct DescribedGroup: Sendable, Equatable {
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (version 6 and later).
        public var errorMessage: String?
        /// `groupId` (every version).
        public var groupID: String
        /// `groupState` (every version).
        public var groupState: String
        /// `protocolType` (every version).
        public var protocolType: String
        /// `protocolData` (every version).
        public var protocolData: String
        /// `members` (every version).
        public var members: [DescribedGroupMember]
        /// `authorizedOperations` (version 3 and later).
        public var authorizedOperations: Int32

        /// Every field has the protocol's default.
        public init(
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            groupID: String = "",
            groupState: String = "",
            protocolType: String = "",
            protocolData: String = "",
            members: [DescribedGroupMember] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.groupState = groupState
            self.protocolType = protocolType
            self.protocolData = protocolData
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            errorCode = try reader.int16()
            if reader.version >= 6 { errorMessage = try reader.nullableString() }
            groupID = try reader.string()
            groupState = try reader.string()
            protocolType = try reader.string()
            protocolData = try reader.string()
            members = try reader.array { (reader: inout WireReader) throws(WireError) in
                try DescribedGroupMember(from: &reader)
            }
            if reader.version >= 3 { authorizedOperations = try reader.int32() }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int16(errorCode)
            if writer.version >= 6 { writer.string(errorMessage) }
            writer.string(groupID)
            writer.string(groupState)
            writer.string(protocolType)
            writer.string(protocolData)
            writer.array(members) { writer, element in element.encode(to: &writer) }
            if writer.version >= 3 { writer.int32(authorizedOperations) }
            writer.tags()
        }
    }

    /// An element of `members`.
    public struct DescribedGroupMember: Sendable, Equatable {
        /// `memberId` (every version).
        public var memberID: String
        /// `groupInstanceId` (version 4 and later).
        public var groupInstanceID: String?
        /// `clientId` (every version).
        public var clientID: String
        /// `clientHost` (every version).
        public var clientHost: String
        /// `memberMetadata` (every version).
        public var memberMetadata: [UInt8]
        /// `memberAssignment` (every version).
        public var memberAssignment: [UInt8]

        /// Every field has the protocol's default.
        public init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            clientID: String = "",
            clientHost: String = "",
            memberMetadata: [UInt8] = [],
            memberAssignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.memberMetadata = memberMetadata
            self.memberAssignment = memberAssignment
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            memberID = try reader.string()
            if reader.version >= 4 { groupInstanceID = try reader.nullableString() }
            clientID = try reader.string()
            clientHost = try reader.string()
            memberMetadata = try reader.byteArray()
            memberAssignment = try reader.byteArray()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(memberID)
            if writer.version >= 4 { writer.string(groupInstanceID) }
            writer.string(clientID)
            writer.string(clientHost)
            writer.byteArray(memberMetadata)
            writer.byteArray(memberAssignment)
            writer.tags()
        }
    }
}
