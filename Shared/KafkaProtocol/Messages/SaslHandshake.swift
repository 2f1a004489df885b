/// The request of SaslHandshake (API key 17), versions 0 to 1.
public struct SaslHandshakeRequest: Sendable, Equatable {
    /// `mechanism` (every version).
    public var mechanism: String

    /// Every field has the protocol's default.
    public init(
        mechanism: String = ""
    ) {
        self.mechanism = mechanism
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        mechanism = try reader.string()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.string(mechanism)
    }
}

/// The response of SaslHandshake (API key 17), versions 0 to 1.
public struct SaslHandshakeResponse: Sendable, Equatable {
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `mechanisms` (every version).
    public var mechanisms: [String]

    /// Every field has the protocol's default.
    public init(
        errorCode: Int16 = 0,
        mechanisms: [String] = []
    ) {
        self.errorCode = errorCode
        self.mechanisms = mechanisms
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        errorCode = try reader.int16()
        mechanisms = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() }
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int16(errorCode)
        writer.array(mechanisms) { writer, element in writer.string(element) }
    }
}
