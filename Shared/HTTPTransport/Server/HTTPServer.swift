public import Reactor

/// An HTTP/1.1 server (RFC 9110, RFC 9112) on the loops of a group: persistent connections, pipelining in order, streamed
/// bodies both ways, upgrades.
///
///     let server = try HTTPServer(address, on: group, handler: router.handle)
///     await server.run()
public final class HTTPServer: Sendable {
    private let listener: Listener
    let configuration: HTTPServerConfiguration
    let handler: Handler
    let observer: (@Sendable (ServedRequest) -> Void)?

    /// Binds the address; `run` then serves. Fails when another process listens there. `observer` is told of every request
    /// after its response, on the loop of its connection; it must not block.
    public init(
        _ address: SocketAddress,
        on group: EventLoopGroup,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        observer: (@Sendable (ServedRequest) -> Void)? = nil,
        handler: @escaping Handler
    ) throws {
        listener = try Listener(address, on: group, connectionLimit: configuration.connectionLimit)
        self.configuration = configuration
        self.observer = observer
        self.handler = handler
    }

    /// Where it listens, with the port the kernel chose when 0 was asked for.
    public var address: SocketAddress { listener.address }

    /// Connections open now.
    public var connectionCount: Int { listener.connectionCount }

    /// Whether `stop` was called: requests under way go on, and their responses close the connection.
    public var isDraining: Bool { listener.isDraining }

    /// Serves until `stop` is called or the task is cancelled, and returns when the last request has ended. Call once.
    public func run() async {
        await listener.run(grace: configuration.grace) { connection in
            await ServerConnection(connection, of: self).run()
        }
    }

    /// Stops accepting, closes idle connections and lets requests under way finish within the configured grace. Any thread.
    public func stop() {
        listener.stop()
    }
}
