public import HTTPCore
public import Reactor

/// The limits of a client.
public struct HTTPClientConfiguration: Sendable {
    /// How large a response head may be.
    public var limits = HTTPLimits()
    /// For making a connection.
    public var connectTimeout = Duration.seconds(3)
    /// One pause of the server's reading.
    public var writeTimeout = Duration.seconds(30)
    /// How long an idle connection is used again: shorter than servers keep it (60 s), so that they do not close it under
    /// a request.
    public var idleTimeout = Duration.seconds(50)
    /// Idle connections to one origin, on each loop.
    public var idlePerOrigin = 64
    /// Connections to one origin, on each loop.
    public var connectionsPerOrigin = 1024
    /// Interim responses (1xx) before the final one.
    public var interimResponses = 8

    /// The limits in use everywhere.
    public init() {}
}

/// An HTTP/1.1 client for other services: a pool of persistent connections on each loop, streamed bodies both ways,
/// upgrades. Plain TCP; what leaves the machine goes through Outbound.
public final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let pools: LoopLocal<[Origin: ConnectionPool]>

    /// A client; keep it for the life of the process.
    public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
        pools = LoopLocal { _ in [:] }
    }

    /// Sends a request and waits for the head of the response, at most until the deadline; the body may come later.
    ///
    /// A request is sent a second time only when a connection from the pool died before the first byte of a response, the
    /// method is idempotent and the body can be repeated, and only for a share of all requests. Throws `HTTPClientError`,
    /// `CancellationError`, or what the body's closure threw. On a loop.
    public func send(
        _ request: ClientRequest,
        to origin: Origin,
        until deadline: Deadline
    ) async throws -> ClientResponse {
        guard let loop = EventLoop.current else { preconditionFailure("used outside of an event loop") }
        let pool = pool(of: origin, on: loop)
        pool.retries.earn()
        if let pooled = pool.takeIdle(on: loop) {
            let exchange = ClientExchange(pooled, request, configuration, until: deadline)
            do {
                return try await exchange.run()
            } catch HTTPClientError.connectionLost where mayRepeat(request, exchange) && pool.retries.spend() {
                // The server closed the idle connection while the request was on its way.
            }
        }
        let pooled = try await pool.connect(on: loop, until: deadline)
        return try await ClientExchange(pooled, request, configuration, until: deadline).run()
    }

    private func mayRepeat(_ request: ClientRequest, _ exchange: ClientExchange) -> Bool {
        request.isRepeatable && !exchange.hasResponseBytes && request.cancellation?.isCancelled != true
    }

    private func pool(of origin: Origin, on loop: EventLoop) -> ConnectionPool {
        if let pool = pools[loop][origin] { return pool }
        let pool = ConnectionPool(origin, configuration)
        pools[loop][origin] = pool
        return pool
    }
}
