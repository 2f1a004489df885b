/// Why bytes are not an HTTP/1.1 message this side accepts. After any of them the connection must be closed: where the
/// next message begins is unknown.
public enum HTTPParseError: Error, Hashable, Sendable {
    /// The request line is not `method SP target SP version`.
    case malformedRequestLine
    /// The method is longer than any known one.
    case unknownMethod
    /// The target is not a valid form for the method, or holds a byte no URI may hold.
    case invalidTarget
    /// The request line is longer than the limit.
    case targetTooLong
    /// The status line is malformed.
    case malformedStatusLine
    /// The version is not `HTTP/digit.digit`.
    case invalidVersion
    /// The major version is not 1.
    case unsupportedVersion
    /// A line ends with a bare LF or CR, or more than two empty lines stand before the message.
    case invalidLineEnding
    /// A field line is malformed: name, colon, folding or a control character.
    case invalidField
    /// A field that may stand only once stands twice.
    case duplicateField
    /// There are more fields than the limit.
    case tooManyFields
    /// The field section is longer than the limit.
    case fieldsTooLarge
    /// A 1.1 request without exactly one valid Host, or with one that contradicts its target.
    case invalidHost
    /// Content-Length is not one decimal number.
    case invalidContentLength
    /// Transfer-Encoding is not exactly `chunked`, or stands where it must not.
    case invalidTransferEncoding
    /// A transfer coding besides chunked.
    case unsupportedTransferEncoding
    /// An expectation other than `100-continue`.
    case unknownExpectation
    /// A chunk's size, extension or ending is malformed.
    case invalidChunk
    /// The chunk extensions of one body are longer than the limit together.
    case chunkExtensionsTooLarge
    /// The connection ended inside a message.
    case truncated

    /// The status a server answers with. A client treats every case as 502.
    public var status: HTTPResponse.Status {
        switch self {
        case .unknownMethod, .unsupportedTransferEncoding: .notImplemented
        case .targetTooLong: .uriTooLong
        case .unsupportedVersion: .httpVersionNotSupported
        case .tooManyFields, .fieldsTooLarge: .requestHeaderFieldsTooLarge
        case .unknownExpectation: .expectationFailed
        case .chunkExtensionsTooLarge: .contentTooLarge
        default: .badRequest
        }
    }
}

/// How much of a message head is accepted.
public struct HTTPLimits: Sendable {
    /// Bytes of the request or status line with its CRLF; RFC 9112 section 3 asks for at least 8000.
    public var lineBytes = 8 * 1024 + 256
    /// Bytes of all field lines together.
    public var fieldBytes = 32 * 1024
    /// Number of field lines.
    public var fieldCount = 100

    /// The limits in use everywhere.
    public init() {}

    /// Letters of a method.
    static let methodBytes = 24
    /// Empty lines ignored before a message (RFC 9112 section 2.2).
    static let leadingEmptyLines = 2
    /// Bytes of all chunk extensions of one body.
    static let chunkExtensionBytes = 16 * 1024
    /// Bytes of a trailer section.
    static let trailerBytes = 16 * 1024
    /// Hexadecimal digits of a chunk size: 15 stay below 2^60, so sums cannot overflow.
    static let chunkSizeDigits = 15
}
