/// A parsed request head with what its connection has to know.
public struct RequestHead: Sendable {
    /// Method, target and fields.
    public var request: HTTPRequest
    /// The client's version.
    public let version: HTTPVersion
    /// How the body's length is known.
    public let body: BodyFraming
    /// True when the client lets the connection live on.
    public let keepsAlive: Bool
    /// True when the client waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool
    /// True when the client asks for another protocol (`Connection: upgrade` with an Upgrade field).
    public let wantsUpgrade: Bool

    /// Moves the request out, so that whoever changes its fields is their only holder and no copy is made; what is left has
    /// none.
    public mutating func takeRequest() -> HTTPRequest {
        var taken = HTTPRequest(method: request.method, path: "")
        swap(&taken, &request)
        return taken
    }
}

/// Reads one request head out of a growing buffer (RFC 9112 sections 2 and 3). Make a new parser for each request.
public struct RequestHeadParser: Sendable {
    private let limits: HTTPLimits
    private var scanner: HeadScanner

    /// A parser for one head.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        scanner = HeadScanner(limits: limits, isRequest: true)
    }

    /// The head and the count of bytes it took from the front of `bytes`; nil while it is incomplete. Call again with
    /// the same bytes and more behind them: none is scanned twice.
    public mutating func parse(
        _ bytes: Span<UInt8>
    ) throws(HTTPParseError) -> (head: RequestHead, consumed: Int)? {
        guard let end = try scanner.end(in: bytes) else { return nil }
        return (try Self.head(bytes.extracting(scanner.start..<end), limits: limits), end)
    }

    private static func head(_ bytes: Span<UInt8>, limits: HTTPLimits) throws(HTTPParseError) -> RequestHead {
        // The scanner found at least one line and the closing empty line.
        var lineEnd = 0
        while bytes[lineEnd] != .lineFeed { lineEnd += 1 }
        let line = bytes.extracting(0..<lineEnd - 1)
        guard let first = line.firstIndex(of: .space), let second = line.firstIndex(of: .space, from: first + 1) else {
            throw .malformedRequestLine
        }
        let method = try method(line.extracting(0..<first))
        let version = try FieldParser.version(line.extracting(second + 1..<line.count))
        let target = try RequestTarget.parse(line.extracting(first + 1..<second), method: method)
        let fields = try FieldParser.parse(bytes.extracting(lineEnd + 1..<bytes.count), limits: limits)
        try checkSingletons(fields)
        let body = try BodyFraming.ofRequest(fields, version: version)
        if method == .connect, body != .none { throw .invalidTarget }
        return RequestHead(
            request: HTTPRequest(
                method: method,
                scheme: target.scheme,
                authority: try authority(target, fields, version),
                path: target.path,
                headerFields: fields
            ),
            version: version,
            body: body,
            keepsAlive: ConnectionOptions.keepsAlive(fields, version: version),
            expectsContinue: try expectsContinue(fields, version: version, body: body),
            wantsUpgrade: version == .http11 && ConnectionOptions.wantsUpgrade(fields)
        )
    }

    private static func method(_ bytes: Span<UInt8>) throws(HTTPParseError) -> HTTPRequest.Method {
        guard !bytes.isEmpty else { throw .malformedRequestLine }
        for index in bytes.indices where !ByteClass.isToken(bytes[index]) { throw .malformedRequestLine }
        guard bytes.count <= HTTPLimits.methodBytes else { throw .unknownMethod }
        return HTTPRequest.Method(valid: String(bytes))
    }

    /// Host, checked; an absolute target must agree with it.
    private static func authority(
        _ target: RequestTarget,
        _ fields: HTTPFields,
        _ version: HTTPVersion
    ) throws(HTTPParseError) -> String? {
        guard let index = fields.firstIndex(of: .host) else {
            guard version == .http10 else { throw .invalidHost }
            return target.authority
        }
        let bytes = fields.bytes.span.extracting(fields.entries[index].valueRange)
        guard fields.count(of: .host) == 1, Authority.isValid(bytes) else { throw .invalidHost }
        let host = String(bytes)
        if let authority = target.authority {
            guard Authority.areEqual(authority, host, scheme: target.scheme ?? "http") else { throw .invalidHost }
        }
        return host
    }

    private static func checkSingletons(_ fields: HTTPFields) throws(HTTPParseError) {
        for name in [HTTPField.Name.contentType, .authorization] where fields.count(of: name) > 1 {
            throw .duplicateField
        }
    }

    private static func expectsContinue(
        _ fields: HTTPFields,
        version: HTTPVersion,
        body: BodyFraming
    ) throws(HTTPParseError) -> Bool {
        guard version == .http11, let expectation = fields[.expect] else { return false }
        guard expectation.lowercased() == "100-continue" else { throw .unknownExpectation }
        return body != .none
    }
}

/// What the Connection field asks for (RFC 9110 section 7.6.1, RFC 9112 section 9.3).
enum ConnectionOptions {
    static func keepsAlive(_ fields: HTTPFields, version: HTTPVersion) -> Bool {
        guard fields.contains(.connection) else { return version == .http11 }
        if fields.contains(.connection, listMember: "close") { return false }
        return version == .http11 || fields.contains(.connection, listMember: "keep-alive")
    }

    static func wantsUpgrade(_ fields: HTTPFields) -> Bool {
        fields.contains(.upgrade) && fields.contains(.connection, listMember: "upgrade")
    }
}
