public import HTTPCore
public import Reactor
public import Telemetry

/// Answers a request. It runs on the event loop of the request's connection and must not block it; an error it throws
/// becomes the response of `ResponseConvertible`, any other a plain 500.
public typealias Handler = @Sendable (Request) async throws -> Response

/// A request as handlers see it: the head as it came, the body as a stream, and what middleware found out about it.
/// Belongs to its connection's loop.
public final class Request {
    /// For the client to take an interim response.
    static let interimTimeout = Duration.seconds(5)

    /// Method, target and fields.
    public var head: HTTPRequest
    /// The body, read on demand: what nobody asks for stays in the kernel, which holds the client back.
    public let body: IncomingBody
    /// The peer of the connection: a proxy perhaps.
    public let remoteAddress: SocketAddress
    /// The loop it runs on.
    public let loop: EventLoop
    /// Whether the client asks for another protocol, so that an `upgrade` response is possible.
    public let wantsUpgrade: Bool
    /// The pattern of the route that the request was led to: a label for logs and metrics that holds no ids.
    public var matchedRoute: String?
    /// What the router matched in the path, by name; made anew when it is asked for.
    public var parameters: [String: String] { pathParameters.values }
    var pathParameters = PathParameters()
    /// Fields for the response whatever it becomes, an error too: the outermost middleware adds them.
    public var answerFields = HTTPFields()
    /// The trace this request is part of.
    public var traceContext: TraceContext?
    /// A handful: searched faster than hashed.
    @usableFromInline var values: [AttachedValue] = []
    private let connection: Connection?
    private let takesInterim: Bool

    /// Takes the request out of the head.
    init(_ head: inout RequestHead, body: IncomingBody, connection: Connection) {
        self.head = head.takeRequest()
        self.body = body
        self.connection = connection
        remoteAddress = connection.remoteAddress
        loop = connection.loop
        wantsUpgrade = head.wantsUpgrade
        takesInterim = head.version == .http11
    }

    /// A request without a connection, for tests of routes.
    public init(_ head: HTTPRequest, body: [UInt8] = [], from remoteAddress: SocketAddress, on loop: EventLoop) {
        self.head = head
        self.body = IncomingBody(body)
        self.remoteAddress = remoteAddress
        self.loop = loop
        connection = nil
        wantsUpgrade = head.headerFields.contains(.upgrade)
        takesInterim = false
    }

    /// The method.
    public var method: HTTPRequest.Method { head.method }

    /// Path and query as sent, percent-encoded.
    public var path: String { head.path }

    /// The path and query of the head as it came, decoded when it is first asked for; nil when it could be read in two ways.
    public private(set) lazy var decodedPath = RequestPath(head.path)

    /// The fields.
    public var headerFields: HTTPFields { head.headerFields }

    /// What middleware found out, such as who the caller is, by a key type of its own.
    @inlinable
    public subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get {
            for index in values.indices where values[index].key == ObjectIdentifier(key) {
                return values[index].value as? Key.Value
            }
            return nil
        }
        set {
            if let index = values.firstIndex(where: { $0.key == ObjectIdentifier(key) }) { values.remove(at: index) }
            if let newValue { values.append(AttachedValue(key: ObjectIdentifier(key), value: newValue)) }
        }
    }

    /// Whether the server is being stopped: a response without end should come to one.
    public var isDraining: Bool { connection?.isDraining ?? false }

    /// Calls `body` once, on the loop, when the client hangs up before the response is complete: to end work nobody waits
    /// for. It must not suspend or block. Nil takes it back.
    public func onHangup(_ body: (() -> Void)?) {
        connection?.onHangup(body)
    }

    /// Calls `body` on the loop when the server begins to drain, at once when it drains already: to end a response that has
    /// no end of its own. It must not suspend or block. Nil takes it back.
    public func onDrain(_ body: (() -> Void)?) {
        connection?.onDrain(body)
    }

    /// Sends an interim response (1xx but 101) before the final one; nothing to clients of HTTP/1.0, which know none
    /// (RFC 9110 section 15.2). Rule: not while the body is read, which may send one of its own.
    public func sendInterim(_ response: HTTPResponse) async throws {
        guard let connection, takesInterim, response.status.code < 200, response.status != .switchingProtocols else {
            return
        }
        var bytes: [UInt8] = []
        HeadSerializer.append(response, to: &bytes)
        try await connection.write(bytes, until: loop.deadline(after: Self.interimTimeout))
    }
}

/// A value that middleware attached.
@usableFromInline struct AttachedValue {
    @usableFromInline let key: ObjectIdentifier
    @usableFromInline let value: Any

    @usableFromInline init(key: ObjectIdentifier, value: Any) {
        self.key = key
        self.value = value
    }
}

/// Names one value that middleware attaches to a request.
public protocol RequestKey {
    /// What is attached.
    associatedtype Value
}
