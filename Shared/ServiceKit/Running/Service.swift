import Contracts
import EventBus
import HTTPTransport
import Persistence
import Reactor
public import System
import Telemetry

/// Runs a service from its first line to its graceful stop.
public enum Service {
    /// Composes and runs a service until SIGTERM or SIGINT; ends the process with a code of its own only when it cannot
    /// start (1) or stop in time (1). `eventLoops` is the number of loops unless `EVENT_LOOPS` says another. Call it from
    /// `main`, once.
    ///
    /// `--adopt-cluster` lets it begin on another cluster than the one of its offsets, after a drained stop; `--rebuild`
    /// builds its projections anew and ends. Without the first, another cluster, another partition count and a log that
    /// has lost what was not read yet are refusals, by the codes of `EventError`.
    public static func run(
        _ name: String,
        port: Int,
        eventLoops: Int = 1,
        clock: WallClock = .system,
        _ compose: (ServiceBuilder) async throws -> Void
    ) async {
        Process.prepare()
        let logger = Logger(label: name)
        do {
            let mode = try ServiceMode(arguments: CommandLine.arguments.dropFirst())
            var reader = ConfigurationReader()
            let configuration = ServiceConfiguration(
                name: name,
                defaultPort: port,
                eventLoops: eventLoops,
                reader: &reader
            )
            try reader.finish()
            try File.createDirectory(configuration.dataDirectory)
            let loops = try EventLoopGroup(count: configuration.eventLoops)
            let builder = ServiceBuilder(
                configuration,
                reader: reader,
                logger: logger,
                clock: clock,
                loops: loops,
                mode: mode
            )
            try await compose(builder)
            let proxies = TrustedProxies(&builder.reader, default: builder.trustedProxies)
            try builder.reader.finish()
            logger.debug("configuration", metadata: ["values": "\(builder.reader.summary)"])
            if mode == .rebuild {
                try await builder.rebuild?.run(builder)
            } else {
                try await RunningService(builder, proxies).run()
                logger.notice("stopped")
            }
        } catch {
            logger.critical("the service cannot run", metadata: ["error": "\(error)"])
            Process.exit(1)
        }
    }
}

/// A service between its start and its end.
struct RunningService: Sendable {
    private let configuration: ServiceConfiguration
    private let logger: Logger
    private let health: Health
    private let loops: EventLoopGroup
    private let server: HTTPServer
    private let start: @Sendable (_ refused: @escaping @Sendable (EventError) -> Void) throws -> Void
    private let finish: @Sendable () async -> Void
    private let tasks: [(name: String, period: Duration, work: @Sendable () async throws -> Void)]

    init(_ builder: ServiceBuilder, _ proxies: TrustedProxies) throws {
        configuration = builder.configuration
        logger = builder.logger
        health = builder.health
        loops = builder.loops
        tasks = builder.tasks
        health.addRoutes(to: &builder.router)
        if let database = builder.database {
            let secret = try PairSecret(BackupRoute.pair, directory: configuration.secretsDirectory)
            BackupRoute(name: configuration.name, database: database, secret: secret).add(to: &builder.router)
        }
        guard let port = UInt16(exactly: configuration.port),
            let address = SocketAddress(host: configuration.host, port: port)
        else { throw ConfigurationError(problems: ["HOST is \"\(configuration.host)\"; it must be an IP address"]) }
        var settings = HTTPServerConfiguration()
        // Half of the time for requests under way, half for the outbox.
        settings.grace = .milliseconds(configuration.shutdownSeconds * 500)
        settings.refusal = RequestObserver.refusal
        // Where requests have a log of their own, a second one of the same would cost as much as carrying them.
        let level = builder.requestObserver == nil ? LogLevel.info : .debug
        let observer = RequestObserver(logger: builder.logger, proxies: proxies, level: level)
        var middleware = MiddlewareChain()
        middleware.append(observer.respond(to:next:))
        if builder.database != nil {
            let positions = ReadYourWrites(source: "/\(configuration.name)", applied: builder.positions)
            middleware.append(positions.respond(to:next:))
        }
        middleware.append(contentsOf: builder.middleware)
        let router = builder.router
        let handler = middleware.wrapping { try await router.respond(to: $0) }
        server = try HTTPServer(
            address,
            on: loops,
            configuration: settings,
            observer: builder.requestObserver,
            handler: handler
        )
        let (consumers, broadcasts, relay) = (builder.consumers, builder.broadcasts, builder.relay)
        let (stops, database, seconds) = (builder.stops, builder.database, configuration.shutdownSeconds)
        let spans = try SpanExporter(configuration.name, kafka: configuration.kafka, logger: logger)
        let mode = builder.mode
        start = { [logger] refused in
            // Nothing is sent to a cluster before it is known to be the right one.
            let gate = StartGate(awaiting: consumers.count) {
                do {
                    try relay?.start()
                } catch {
                    logger.critical("no outbox relay", metadata: ["error": "\(error)"])
                }
            }
            var start = EventConsumer.Start()
            start.adoptsCluster = mode == .adoptCluster
            start.opened = { gate.arrive() }
            start.ended = { if $0.isRefusal { refused($0) } }
            for consumer in consumers { try consumer.start(start) }
            for broadcast in broadcasts { try broadcast.run() }
        }
        finish = {
            // Together: each may wait a moment for a broker that is away.
            await withDiscardingTaskGroup { group in
                for consumer in consumers { group.addTask { await consumer.stop() } }
                for broadcast in broadcasts { group.addTask { await broadcast.stop() } }
            }
            for stop in stops.reversed() { await stop() }
            await relay?.stop(withinMilliseconds: seconds * 500)
            spans.stop()
            await database?.close()
        }
    }

    func run() async throws {
        let signal = Waiter<EventError?>()
        try Process.onTermination { _ in signal.resume(.success(nil)) }
        try start { signal.resume(.success($0)) }
        logger.notice("listening", metadata: ["address": "\(server.address)", "pid": .count(Process.identifier)])
        let loop = loops.next()
        let refusal = try await loop.run {
            let periodic = tasks.map { task in
                Task(executorPreference: loop) { await self.repeatWork(task.name, task.period, task.work, on: loop) }
            }
            let serving = Task(executorPreference: loop) { await self.server.run() }
            let refusal = try await signal.wait()
            let watchdog = Task(executorPreference: loop) { await self.watch(loop) }
            health.beginStopping()
            logger.notice("stopping")
            server.stop()
            await serving.value
            for task in periodic { task.cancel() }
            for task in periodic { await task.value }
            await finish()
            watchdog.cancel()
            return refusal
        }
        loops.shutdown()
        if let refusal { throw refusal }
    }

    private func repeatWork(
        _ name: String,
        _ period: Duration,
        _ work: @Sendable () async throws -> Void,
        on loop: EventLoop
    ) async {
        while !Task.isCancelled {
            do {
                try await work()
                try await loop.sleep(for: period)
            } catch is CancellationError {
                return
            } catch {
                logger.error("periodic work failed", metadata: ["work": "\(name)", "error": "\(error)"])
                guard (try? await loop.sleep(for: period)) != nil else { return }
            }
        }
    }

    /// Ends the process when the graceful stop takes longer than it may.
    private func watch(_ loop: EventLoop) async {
        guard (try? await loop.sleep(for: .seconds(configuration.shutdownSeconds * 2))) != nil else { return }
        logger.error("the stop took too long")
        Process.exit(1)
    }
}
