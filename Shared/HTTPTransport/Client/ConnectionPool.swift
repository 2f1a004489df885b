import HTTPCore
import Reactor

/// The client connections of one loop: idle ones by origin, last used first, and how many there are.
final class ConnectionPool {
    private var idle: [Origin: [PooledConnection]] = [:]
    private var open: [Origin: Int] = [:]
    private let configuration: HTTPClientConfiguration

    init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
    }

    /// An idle connection that still looks usable, if there is one.
    func takeIdle(_ origin: Origin, on loop: EventLoop) -> PooledConnection? {
        while let candidate = idle[origin]?.popLast() {
            candidate.connection.onHangup(nil)
            if candidate.idleUntil.nanoseconds > loop.now, candidate.connection.isQuiet { return candidate }
            candidate.discard()
        }
        return nil
    }

    /// A new connection.
    func connect(_ origin: Origin, on loop: EventLoop, until deadline: Deadline) async throws -> PooledConnection {
        guard open[origin, default: 0] < configuration.connectionsPerOrigin else {
            throw HTTPClientError.tooManyConnections
        }
        open[origin, default: 0] += 1
        do {
            let address = try await Resolver.shared.resolve(host: origin.host, port: origin.port)
            let limit = min(deadline, loop.deadline(after: configuration.connectTimeout))
            let connection = try await Connection.connect(to: address, on: loop, until: limit)
            return PooledConnection(connection, origin, self)
        } catch {
            forget(origin)
            if error is CancellationError { throw error }
            throw HTTPClientError.connectFailed(.init(description: "\(error)"))
        }
    }

    /// Keeps a connection for the next request, unless enough are kept.
    func give(_ pooled: PooledConnection) {
        let connection = pooled.connection
        let kept = idle[pooled.origin]?.count ?? 0
        guard kept < configuration.idlePerOrigin, !connection.isHungUp, connection.input.isEmpty else {
            return pooled.discard()
        }
        pooled.idleUntil = connection.loop.deadline(after: configuration.idleTimeout)
        idle[pooled.origin, default: []].append(pooled)
        connection.onHangup { [weak self, unowned pooled] in self?.drop(pooled) }
    }

    /// A connection is no longer the pool's.
    func forget(_ origin: Origin) {
        let count = open[origin, default: 0] - 1
        open[origin] = count > 0 ? count : nil
    }

    /// The server closed an idle connection.
    private func drop(_ pooled: PooledConnection) {
        idle[pooled.origin]?.removeAll { $0 === pooled }
        if idle[pooled.origin]?.isEmpty == true { idle[pooled.origin] = nil }
        pooled.discard()
    }
}

/// A connection and the pool it counts in.
final class PooledConnection {
    let connection: Connection
    let origin: Origin
    /// Requests were answered on it before.
    var isReused = false
    var idleUntil = Deadline.never
    private var pool: ConnectionPool?

    init(_ connection: Connection, _ origin: Origin, _ pool: ConnectionPool) {
        self.connection = connection
        self.origin = origin
        self.pool = pool
    }

    deinit {
        // The last holder let go of an unfinished response; elsewhere only a loop that has ended does.
        if pool != nil, connection.loop.isCurrent { discard() }
    }

    /// Back to the pool.
    func release() {
        isReused = true
        pool?.give(self)
    }

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
        pool?.forget(origin)
        pool = nil
    }
}
