/// The request of AddOffsetsToTxn (API key 25), versions 0 to 4.
public struct AddOffsetsToTxnRequest: Sendable, Equatable {
    /// `transactionalId` (every version).
    public var transactionalID: String
    /// `producerId` (every version).
    public var producerID: Int64
    /// `producerEpoch` (every version).
    public var producerEpoch: Int16
    /// `groupId` (every version).
    public var groupID: String

    /// Every field has the protocol's default.
    public init(
        transactionalID: String = "",
        producerID: Int64 = 0,
        producerEpoch: Int16 = 0,
        groupID: String = ""
    ) {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.groupID = groupID
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        groupID = try reader.string()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(transactionalID)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.string(groupID)
        writer.tags()
    }
}

/// The response of AddOffsetsToTxn (API key 25), versions 0 to 4.
public struct AddOffsetsToTxnResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
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
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.tags()
    }
}
