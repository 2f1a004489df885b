/// What stands before every request's body: header version 1, or 2 (with tagged fields) in flexible requests. The
/// length of the frame, INT32, is before it and not part of it.
public struct RequestHeader: Sendable, Equatable {
    /// The call's number; it need not be one of `APIKey`.
    public var apiKey: Int16
    /// The version of request and response.
    public var apiVersion: Int16
    /// Comes back in the response.
    public var correlationID: Int32
    /// The client's own name; nil when it gave none.
    public var clientID: String?

    /// A header from its parts.
    public init(apiKey: Int16, apiVersion: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// Decodes the header and sets the reader's version for the body. The client id is in the classic form even in
    /// flexible requests. Of a version beyond ours only the fixed part can be trusted.
    public init(from reader: inout WireReader) throws(WireError) {
        apiKey = try reader.int16()
        apiVersion = try reader.int16()
        correlationID = try reader.int32()
        reader.version = apiVersion
        clientID = try reader.nullableString()
        reader.isFlexible = APIKey(rawValue: apiKey)?.isFlexible(apiVersion) ?? false
        try reader.skipTags()
    }

    /// Encodes the header and sets the writer's version for the body.
    public func encode(to writer: inout WireWriter) {
        writer.isFlexible = false
        writer.version = apiVersion
        writer.int16(apiKey)
        writer.int16(apiVersion)
        writer.int32(correlationID)
        writer.string(clientID)
        writer.isFlexible = APIKey(rawValue: apiKey)?.isFlexible(apiVersion) ?? false
        writer.tags()
    }
}

/// What stands before every response's body: the correlation id, and tagged fields in flexible responses except those
/// of ApiVersions, which a client must be able to read before it knows the broker (KIP-511).
public enum ResponseHeader {
    /// Writes the header of a response and sets the writer's version for the body.
    public static func encode(_ key: APIKey, version: Int16, correlationID: Int32, to writer: inout WireWriter) {
        writer.version = version
        writer.isFlexible = key.isFlexible(version)
        writer.int32(correlationID)
        if key != .apiVersions { writer.tags() }
    }

    /// Reads the header, returns the correlation id and sets the reader's version for the body.
    public static func decode(_ key: APIKey, version: Int16, from reader: inout WireReader) throws(WireError) -> Int32 {
        reader.version = version
        reader.isFlexible = key.isFlexible(version)
        let correlationID = try reader.int32()
        if key != .apiVersions { try reader.skipTags() }
        return correlationID
    }
}
