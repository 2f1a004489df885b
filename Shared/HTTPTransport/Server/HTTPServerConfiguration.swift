public import HTTPCore

/// The limits of a server.
public struct HTTPServerConfiguration: Sendable {
    /// How large a request head may be.
    public var limits = HTTPLimits()
    /// From the first byte of a head to its last, however slowly they come.
    public var headTimeout = Duration.seconds(10)
    /// One pause inside a body.
    public var bodyTimeout = Duration.seconds(30)
    /// One pause of the client's reading.
    public var writeTimeout = Duration.seconds(30)
    /// Between two requests of a connection, and before the first.
    public var keepAliveTimeout = Duration.seconds(60)
    /// Requests of one connection.
    public var requestsPerConnection = 1000
    /// Connections of the process at one time.
    public var connectionLimit = 10_000
    /// What is left of a request's body that is worth reading to keep the connection: bytes.
    public var drainBytes: UInt64 = 64 * 1024
    /// For reading that rest.
    public var drainTimeout = Duration.seconds(1)
    /// For the client to read the last response before the connection is closed.
    public var lingerTimeout = Duration.seconds(5)
    /// The answer to what is no request, so that no handler sees it, by its status.
    public var refusal: @Sendable (HTTPResponse.Status) -> Response = { .text($0, $0.reasonPhrase + "\n") }
    /// For requests under way when the server stops.
    public var grace = Duration.seconds(20)

    /// The limits in use everywhere.
    public init() {}
}
