/// A parsed response head with what its connection has to know.
public struct ResponseHead: Sendable {
    /// Status and fields.
    public var response: HTTPResponse
    /// The server's version.
    public let version: HTTPVersion
    /// How the body's length is known.
    public let body: BodyFraming
    /// True when the server lets the connection live on; a body until close never does.
    public let keepsAlive: Bool
}

/// Reads one response head out of a growing buffer (RFC 9112 section 4). Make a new parser for each response, also after
/// an interim one (1xx).
public struct ResponseHeadParser: Sendable {
    private let limits: HTTPLimits
    private let method: HTTPRequest.Method
    private var scanner: HeadScanner

    /// A parser for the response to a request with this method.
    public init(to method: HTTPRequest.Method, limits: HTTPLimits = HTTPLimits()) {
        self.method = method
        self.limits = limits
        scanner = HeadScanner(limits: limits, isRequest: false)
    }

    /// The head and the count of bytes it took from the front of `bytes`; nil while it is incomplete.
    public mutating func parse(
        _ bytes: Span<UInt8>
    ) throws(HTTPParseError) -> (head: ResponseHead, consumed: Int)? {
        guard let end = try scanner.end(in: bytes) else { return nil }
        return (try head(bytes.extracting(scanner.start..<end)), end)
    }

    private func head(_ bytes: Span<UInt8>) throws(HTTPParseError) -> ResponseHead {
        var lineEnd = 0
        while bytes[lineEnd] != .lineFeed { lineEnd += 1 }
        let line = bytes.extracting(0..<lineEnd - 1)
        // "HTTP/1.1 200", then a space and a phrase; some servers leave out the space when the phrase is empty.
        guard line.count >= 12, line[8] == .space, line.count == 12 || line[12] == .space else {
            throw .malformedStatusLine
        }
        let version = try FieldParser.version(line.extracting(0..<8))
        var code = 0
        for index in 9..<12 {
            guard ByteClass.isDigit(line[index]) else { throw .malformedStatusLine }
            code = code * 10 + Int(line[index] - 0x30)
        }
        for index in 12..<line.count where !ByteClass.isFieldValue(line[index]) { throw .malformedStatusLine }
        guard let status = HTTPResponse.Status(code: code) else { throw .malformedStatusLine }
        let fields = try FieldParser.parse(bytes.extracting(lineEnd + 1..<bytes.count), limits: limits)
        let response = HTTPResponse(status: status, headerFields: fields)
        let body = try BodyFraming.ofResponse(response, version: version, to: method)
        return ResponseHead(
            response: response,
            version: version,
            body: body,
            keepsAlive: body != .untilClose && ConnectionOptions.keepsAlive(fields, version: version)
        )
    }
}
