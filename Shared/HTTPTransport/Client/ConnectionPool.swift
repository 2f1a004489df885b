import HTTPCore
import Reactor

/// The client connections of one loop to one origin: idle ones, last used first, and how many there are.
final class ConnectionPool {
    let origin: Origin
    /// What requests may be sent again.
    var retries = RetryBudget()
    private var idle: [PooledConnection] = []
    private var open = 0
    private let configuration: HTTPClientConfiguration

    init(_ origin: Origin, _ configuration: HTTPClientConfiguration) {
        self.origin = origin
        self.configuration = configuration
    }

    /// An idle connection that still looks usable, if there is one.
    func takeIdle(on loop: EventLoop) -> PooledConnection? {
        while let candidate = idle.popLast() {
            candidate.isIdle = false
            if candidate.idleUntil.nanoseconds > loop.now, candidate.connection.isQuiet { return candidate }
            candidate.discard()
        }
        return nil
    }

    /// A new connection.
    func connect(on loop: EventLoop, until deadline: Deadline) async throws -> PooledConnection {
        guard open < configuration.connectionsPerOrigin else { throw HTTPClientError.tooManyConnections }
        open += 1
        do {
            let address = try await Resolver.shared.resolve(host: origin.host, port: origin.port)
            let limit = min(deadline, loop.deadline(after: configuration.connectTimeout))
            return PooledConnection(try await Connection.connect(to: address, on: loop, until: limit), self)
        } catch {
            open -= 1
            if error is CancellationError { throw error }
            if case ConnectionError.timedOut = error { throw HTTPClientError.timedOut }
            throw HTTPClientError.connectFailed(.init(description: "\(error)"))
        }
    }

    /// Keeps a connection for the next request, unless enough are kept.
    func give(_ pooled: PooledConnection) {
        let connection = pooled.connection
        guard idle.count < configuration.idlePerOrigin, !connection.isHungUp, connection.input.isEmpty else {
            return pooled.discard()
        }
        pooled.idleUntil = connection.loop.deadline(after: configuration.idleTimeout)
        pooled.isIdle = true
        idle.append(pooled)
    }

    /// A connection is no longer the pool's.
    func forget() { open -= 1 }

    /// The server closed an idle connection.
    fileprivate func drop(_ pooled: PooledConnection) {
        idle.removeAll { $0 === pooled }
        pooled.discard()
    }
}

/// A connection and the pool it counts in.
final class PooledConnection {
    let connection: Connection
    let origin: Origin
    var idleUntil = Deadline.never
    fileprivate var isIdle = false
    private var pool: ConnectionPool?

    init(_ connection: Connection, _ pool: ConnectionPool) {
        self.connection = connection
        origin = pool.origin
        self.pool = pool
        connection.onHangup { [unowned self] in
            if isIdle { self.pool?.drop(self) }
        }
    }

    deinit {
        // The last holder let go of an unfinished response; elsewhere only a loop that has ended does.
        if pool != nil, connection.loop.isCurrent { discard() }
    }

    /// Back to the pool.
    func release() { pool?.give(self) }

    /// Closes it.
    func discard() {
        connection.close()
        leavePool()
    }

    /// The caller takes the connection over.
    func detach() -> Connection {
        leavePool()
        return connection
    }

    private func leavePool() {
        connection.onHangup(nil)
        pool?.forget()
        pool = nil
    }
}
