/// The request of ListTransactions (API key 66), versions 0 to 2.
public struct ListTransactionsRequest: Sendable, Equatable {
    /// `stateFilters` (every version).
    public var stateFilters: [String]
    /// `producerIdFilters` (every version).
    public var producerIDFilters: [Int64]
    /// `durationFilter` (version 1 and later).
    public var durationFilter: Int64
    /// `transactionalIdPattern` (version 2 and later).
    public var transactionalIDPattern: String?

    /// Every field has the protocol's default.
    public init(
        stateFilters: [String] = [],
        producerIDFilters: [Int64] = [],
        durationFilter: Int64 = -1,
        transactionalIDPattern: String? = nil
    ) {
        self.stateFilters = stateFilters
        self.producerIDFilters = producerIDFilters
        self.durationFilter = durationFilter
        self.transactionalIDPattern = transactionalIDPattern
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        stateFilters = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        producerIDFilters = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int64() }
        if reader.version >= 1 { durationFilter = try reader.int64() }
        if reader.version >= 2 { transactionalIDPattern = try reader.nullableString() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(stateFilters) { writer, element in writer.string(element) }
        writer.array(producerIDFilters) { writer, element in writer.int64(element) }
        if writer.version >= 1 { writer.int64(durationFilter) }
        if writer.version >= 2 { writer.string(transactionalIDPattern) }
        writer.tags()
    }
}

/// The response of ListTransactions (API key 66), versions 0 to 2.
public struct ListTransactionsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `unknownStateFilters` (every version).
    public var unknownStateFilters: [String]
    /// `transactionStates` (every version).
    public var transactionStates: [TransactionState]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        unknownStateFilters: [String] = [],
        transactionStates: [TransactionState] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.unknownStateFilters = unknownStateFilters
        self.transactionStates = transactionStates
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        unknownStateFilters = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
        transactionStates = try reader.array { (reader: inout WireReader) throws(WireError) in
            try TransactionState(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.array(unknownStateFilters) { writer, element in writer.string(element) }
        writer.array(transactionStates) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `transactionStates`.
    public struct TransactionState: Sendable, Equatable {
        /// `transactionalId` (every version).
        public var transactionalID: String
        /// `producerId` (every version).
        public var producerID: Int64
        /// `transactionState` (every version).
        public var transactionState: String

        /// Every field has the protocol's default.
        public init(
            transactionalID: String = "",
            producerID: Int64 = 0,
            transactionState: String = ""
        ) {
            self.transactionalID = transactionalID
            self.producerID = producerID
            self.transactionState = transactionState
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            transactionalID = try reader.string()
            producerID = try reader.int64()
            transactionState = try reader.string()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(transactionalID)
            writer.int64(producerID)
            writer.string(transactionState)
            writer.tags()
        }
    }
}
