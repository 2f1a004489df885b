/// The request of ConsumerGroupDescribe (API key 69, KIP-848), versions 0 to 1.
public struct ConsumerGroupDescribeRequest: Sendable, Equatable {
    /// `groupIds` (every version).
    public var groupIDs: [String]
    /// `includeAuthorizedOperations` (every version).
    public var includeAuthorizedOperations: Bool

    /// Every field has the protocol's default.
    public init(
        groupIDs: [String] = [],
        includeAuthorizedOperations: Bool = false
    ) {
        self.groupIDs = groupIDs
        self.includeAuthorizedOperations = includeAuthorizedOperations
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        groupIDs = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        includeAuthorizedOperations = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(groupIDs) { writer, element in writer.string(element) }
        writer.bool(includeAuthorizedOperations)
        writer.tags()
    }
}
