public import HTTPCore

/// A request to send. Content-Length, Transfer-Encoding and Connection are the client's to write; Host is the origin
/// unless the fields hold one.
public struct ClientRequest {
    /// Where the body comes from. The closure runs on the caller's loop, in its task.
    public enum Body {
        /// None.
        case none
        /// All of it.
        case bytes([UInt8])
        /// Written as it is made: `length` bytes exactly, or chunked when nil. A response that comes before all was written
        /// ends the writing (RFC 9112 section 9.5) and cancels the closure. Such a request is never sent twice.
        case stream(length: UInt64?, (BodyWriter) async throws -> Void)
    }

    /// Method, path and fields.
    public var head: HTTPRequest
    /// The body.
    public var body: Body
    /// From the last byte of the request to the head of the response; nil leaves it to the deadline.
    public var headTimeout: Duration?
    /// One pause inside the response's body; longer for event streams.
    public var readTimeout = Duration.seconds(30)
    /// Ask for the protocol of the Upgrade field: a 101 then gives the connection away.
    public var wantsUpgrade = false
    /// Gets interim responses (1xx but 100 and 101) that come when the request has been sent.
    public var onInterim: ((HTTPResponse) async throws -> Void)?
    /// Gives the request up when somebody says so.
    public var cancellation: ClientCancellation?

    /// A request.
    public init(_ head: HTTPRequest, body: Body = .none) {
        self.head = head
        self.body = body
    }

    /// A request by method and path.
    public init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headerFields: HTTPFields = [:],
        body: Body = .none
    ) {
        self.init(HTTPRequest(method: method, path: path, headerFields: headerFields), body: body)
    }

    /// Whether it may be sent again when nobody knows if it was received (RFC 9110 section 9.2.2).
    var isRepeatable: Bool {
        if case .stream = body { return false }
        return head.method.isIdempotent
    }
}

/// Why no response came.
public enum HTTPClientError: Error, Sendable, Equatable {
    /// No connection could be made.
    case connectFailed(ConnectionFailure)
    /// The connection ended, or the sending of the request failed, before the response head.
    case connectionLost
    /// The deadline came before the response head.
    case timedOut
    /// The response is not HTTP/1.1 as RFC 9112 has it.
    case malformed(HTTPParseError)
    /// All connections this loop may have to the origin are in use.
    case tooManyConnections

    /// What failed, as text for logs.
    public struct ConnectionFailure: Sendable, Equatable {
        /// The text.
        public let description: String
    }
}
