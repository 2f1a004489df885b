/// The request of InitProducerId (API key 22), versions 0 to 5.
public struct InitProducerIDRequest: Sendable, Equatable {
    /// `transactionalId` (every version).
    public var transactionalID: String?
    /// `transactionTimeoutMs` (every version).
    public var transactionTimeoutMs: Int32
    /// `producerId` (version 3 and later).
    public var producerID: Int64
    /// `producerEpoch` (version 3 and later).
    public var producerEpoch: Int16

    /// Every field has the protocol's default.
    public init(
        transactionalID: String? = nil,
        transactionTimeoutMs: Int32 = 0,
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.transactionalID = transactionalID
        self.transactionTimeoutMs = transactionTimeoutMs
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        transactionalID = try reader.nullableString()
        transactionTimeoutMs = try reader.int32()
        if reader.version >= 3 { producerID = try reader.int64() }
        if reader.version >= 3 { producerEpoch = try reader.int16() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(transactionalID)
        writer.int32(transactionTimeoutMs)
        if writer.version >= 3 { writer.int64(producerID) }
        if writer.version >= 3 { writer.int16(producerEpoch) }
        writer.tags()
    }
}

/// The response of InitProducerId (API key 22), versions 0 to 5.
public struct InitProducerIDResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `producerId` (every version).
    public var producerID: Int64
    /// `producerEpoch` (every version).
    public var producerEpoch: Int16

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        producerID: Int64 = -1,
        producerEpoch: Int16 = 0
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        producerID = try reader.int64()
        producerEpoch = try reader.int16()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.tags()
    }
}
