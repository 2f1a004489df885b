/// The request of EndTxn (API key 26), versions 0 to 4.
public struct EndTxnRequest: Sendable, Equatable {
    /// `transactionalId` (every version).
    public var transactionalID: String
    /// `producerId` (every version).
    public var producerID: Int64
    /// `producerEpoch` (every version).
    public var producerEpoch: Int16
    /// `committed` (every version).
    public var committed: Bool

    /// Every field has the protocol's default.
    public init(
        transactionalID: String = "",
        producerID: Int64 = 0,
        producerEpoch: Int16 = 0,
        committed: Bool = false
    ) {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.committed = committed
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalID = try reader.string()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        committed = try reader.bool()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(transactionalID)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.bool(committed)
        writer.tags()
    }
}

/// The response of EndTxn (API key 26), versions 0 to 4.
public struct EndTxnResponse: Sendable, Equatable {
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
