/// The request of SaslAuthenticate (API key 36), versions 0 to 2.
public struct SaslAuthenticateRequest: Sendable, Equatable {
    /// `authBytes` (every version).
    public var authBytes: [UInt8]

    /// Every field has the protocol's default.
    public init(
        authBytes: [UInt8] = []
    ) {
        self.authBytes = authBytes
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        authBytes = try reader.byteArray()
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.byteArray(authBytes)
        writer.tags()
    }
}

/// The response of SaslAuthenticate (API key 36), versions 0 to 2.
public struct SaslAuthenticateResponse: Sendable, Equatable {
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `authBytes` (every version).
    public var authBytes: [UInt8]
    /// `sessionLifetimeMs` (version 1 and later).
    public var sessionLifetimeMs: Int64

    /// Every field has the protocol's default.
    public init(
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        authBytes: [UInt8] = [],
        sessionLifetimeMs: Int64 = 0
    ) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.authBytes = authBytes
        self.sessionLifetimeMs = sessionLifetimeMs
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        authBytes = try reader.byteArray()
        if reader.version >= 1 { sessionLifetimeMs = try reader.int64() }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.byteArray(authBytes)
        if writer.version >= 1 { writer.int64(sessionLifetimeMs) }
        writer.tags()
    }
}
