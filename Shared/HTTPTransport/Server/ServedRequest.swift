public import HTTPCore
public import Reactor

/// One request of a server and what was answered, told once, after the last byte of the response was written or could not
/// be: for logs of requests. Belongs to the connection's loop.
public struct ServedRequest {
    /// The request, after 101 without its fields; nil when its head could not be read.
    public let request: Request?
    /// The peer of the connection.
    public let remoteAddress: SocketAddress
    /// The status that was answered, or that nobody was there to read.
    public let status: HTTPResponse.Status
    /// Whether the whole response was written.
    public let isComplete: Bool
    /// From the end of the request's head to the end of the response, or of the protocol spoken after 101.
    public let duration: Duration
    /// Bytes of the request's body that were read; after 101 those of the other protocol.
    public let receivedBytes: UInt64
    /// Bytes written to the client, head included.
    public let sentBytes: UInt64
}
