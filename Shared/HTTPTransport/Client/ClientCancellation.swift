import Reactor

/// Gives up a client's request from beside it, without cancelling the task that waits: a proxy hands it to
/// `Request.onHangup`, so that the upstream stops when the client has left. Belongs to one loop.
///
///     let cancellation = ClientCancellation()
///     request.onHangup { cancellation.cancel() }
public final class ClientCancellation {
    /// Whether `cancel` was called.
    public private(set) var isCancelled = false
    // Until the response is whole: a weak reference would make every use of the connection slower.
    private var connection: Connection?

    /// For one request.
    public init() {}

    /// Closes the connection of the request, also when the response has begun: who waits gets an error.
    public func cancel() {
        isCancelled = true
        connection?.close()
        connection = nil
    }

    /// The request runs on this connection.
    func begin(_ connection: Connection) throws {
        guard !isCancelled else { throw CancellationError() }
        self.connection = connection
    }

    /// The response is whole: the connection serves others now.
    func end() {
        connection = nil
    }
}
