public import HTTPCore
public import Reactor

/// A response that has begun: the head is there, the body follows. Belongs to the caller's loop.
///
/// The connection goes back to the pool when the body was read to its end; letting go of the body before closes it.
public final class ClientResponse {
    /// Status and fields.
    public let head: HTTPResponse
    /// The body.
    public let body: IncomingBody
    private var upgraded: PooledConnection?

    init(_ head: HTTPResponse, _ body: IncomingBody, upgraded: PooledConnection?) {
        self.head = head
        self.body = body
        self.upgraded = upgraded
    }

    /// The status.
    public var status: HTTPResponse.Status { head.status }

    /// The fields.
    public var headerFields: HTTPFields { head.headerFields }

    /// After a 101, once: the connection, which is the caller's to use and close. Its `input` may hold bytes already.
    public func takeUpgraded() -> Connection? {
        defer { upgraded = nil }
        return upgraded?.detach()
    }

    /// Gives the response up at once, for instance when the reader it was for has left: a body that was not read to its
    /// end fails, and its connection is closed.
    public func close() {
        body.abandon()
        upgraded?.discard()
        upgraded = nil
    }
}
