import EventLog
import KafkaProtocol
import Reactor
import Security
import Synchronization
import System
import Telemetry

/// A log broker for Kafka clients, in any process.
///
///     let broker = try await Broker(configuration)
///     try await broker.run()          // until `stop`
///
/// One process at a time has a data folder; the caller keeps a lock when others might.
public final class Broker: Sendable {
    /// Where clients connect, with the port the kernel chose when 0 was asked for.
    public let port: UInt16
    let core: BrokerCore
    private let loops: EventLoopGroup
    private let listeners: [Listener]
    private let failure = Mutex<LogError?>(nil)

    /// Opens the logs, recovering what a crash left, and binds the port. Errors: SystemError, LogError.
    public init(_ configuration: BrokerConfiguration) async throws {
        try Self.checkAccess(configuration)
        let loops = try EventLoopGroup(count: max(1, configuration.eventLoops))
        self.loops = loops
        let onFatal = FatalHandler()
        do {
            listeners = try Self.listen(configuration, on: loops)
            port = listeners.first?.address.port ?? 0
            core = try await blocking { [port] in
                try BrokerCore(configuration, defaultPort: port, onFatal: { onFatal.call($0) })
            }
        } catch {
            try await blocking { loops.shutdown() }
            throw error
        }
        core.observeState()
        onFatal.set { [weak self] error in self?.fail(error) }
    }

    /// Other machines are served only when they can prove who they are, or when somebody has said that they need not.
    private static func checkAccess(_ configuration: BrokerConfiguration) throws {
        let isProtected = !configuration.users.isEmpty || configuration.tls?.clientAuthentication == .required
        guard !isProtected, !configuration.allowsAnonymous else { return }
        for host in configuration.hosts {
            guard let address = SocketAddress(host: host, port: 0) else { throw BrokerError.invalidHost(host) }
            guard address.isLoopback else { throw BrokerError.openToOthers(host) }
        }
    }

    private static func listen(_ configuration: BrokerConfiguration, on loops: EventLoopGroup) throws -> [Listener] {
        let others = Set(configuration.advertisedListeners.map(\.port)).subtracting([configuration.port]).sorted()
        return try ([configuration.port] + others).flatMap { wanted in
            var port = wanted
            return try configuration.hosts.map { host in
                guard let address = SocketAddress(host: host, port: port) else { throw BrokerError.invalidHost(host) }
                let listener = try Listener(address, on: loops, connectionLimit: .max)
                port = listener.address.port
                return listener
            }
        }
    }

    /// Serves clients until `stop` is called; returns when the logs are closed. Errors: LogError when the disk failed:
    /// then the process has to start again, because only reading tells what the disk holds. Call once.
    public func run() async throws {
        core.logger.notice("broker listening", metadata: ["port": .string(String(port))])
        let upkeep = Task(executorPreference: loops.loops[0]) { await self.core.runUpkeep(on: self.loops.loops[0]) }
        await withDiscardingTaskGroup { group in
            for listener in listeners {
                group.addTask { [self] in
                    await listener.run(grace: Limit.stopGrace) { connection in
                        await self.core.admit(connection) {
                            await ClientConnection.serve(connection, core: self.core)
                        }
                    }
                }
            }
        }
        upkeep.cancel()
        await upkeep.value
        try await close()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Ends `run`: requests under way are answered first. Any thread.
    public func stop() {
        core.beginStop()
        for listener in listeners { listener.stop() }
    }

    /// Whether the logs are recovered and writable: what a readiness check asks.
    public var isReady: Bool { failure.withLock { $0 == nil } && !core.isStopping }

    private func fail(_ error: LogError) {
        failure.withLock { $0 = error }
        stop()
    }

    private func close() async throws {
        let (core, loops) = (core, loops)
        try await blocking {
            core.store.close()
            loops.shutdown()
        }
    }
}

/// Runs what blocks on a thread made for it, when there is no pool yet or any more.
private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let waiter = Waiter<Value>()
    _ = try Thread.start(name: "broker-main") { waiter.resume(Result { try body() }) }
    return try await waiter.wait()
}

/// Brings the log's failure to the broker, which exists only after the log.
private final class FatalHandler: Sendable {
    private struct State {
        var handler: (@Sendable (LogError) -> Void)?
        var error: LogError?
    }

    private let state = Mutex(State())

    func call(_ error: LogError) {
        let handler = state.withLock { state in
            state.error = error
            return state.handler
        }
        handler?(error)
    }

    func set(_ handler: @escaping @Sendable (LogError) -> Void) {
        let error = state.withLock { state in
            state.handler = handler
            return state.error
        }
        if let error { handler(error) }
    }
}

/// Why a broker did not start.
public enum BrokerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not an IP address to listen on.
    case invalidHost(String)
    /// It would listen to other machines, has no users that could authenticate, and was not told to serve everybody.
    case openToOthers(String)
    /// A stored group record cannot be read.
    case damagedGroups(String)

    /// For logs.
    public var description: String {
        switch self {
        case .invalidHost(let host): "\(host) is not an IP address to listen on"
        case .openToOthers(let host):
            "listening on \(host), which other machines reach, needs users (BROKER_SECRETS) or required client "
                + "certificates (TLS_CLIENT_AUTH=required), or ALLOW_ANONYMOUS=true to serve everybody"
        case .damagedGroups(let reason): "a stored group record cannot be read: \(reason)"
        }
    }
}
