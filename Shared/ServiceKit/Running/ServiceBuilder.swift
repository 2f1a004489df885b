import Contracts
public import EventBus
public import HTTPTransport
public import Persistence
public import Reactor
import Security
public import System
public import Telemetry

/// What a service is made of, in the order of its table of contents. Used by one task, before the service runs.
///
///     await Service.run("like", port: 8106) { service in
///         let database = try service.openDatabase(LikeStore.migrations)
///         try service.consume(group: "like", topics: [.userEvents], LikeEvents.handle)
///         LikeRoutes(database, service.tokens).add(to: &service.router)
///     }
public final class ServiceBuilder {
    /// The common configuration.
    public let configuration: ServiceConfiguration
    /// Reads the service's own variables; the builder checks them all before the service starts.
    public var reader: ConfigurationReader
    /// The service's logger.
    public let logger: Logger
    /// The clock of the service.
    public let clock: WallClock
    /// The event loops; routes run on them.
    public let loops: EventLoopGroup
    /// Checks access tokens: `tokens.user { request, token in … }`.
    public let tokens: TokenChecker
    /// What has been revoked; watch it for as long as a socket or stream is open.
    public var revocations: RevocationList { tokens.revocations }
    /// The proxies that are believed when they say for whom they ask, unless `TRUSTED_PROXIES` names others: the gateway on
    /// this machine.
    public var trustedProxies = "127.0.0.0/8,::1"
    /// The checks of `/readyz`.
    public let health = Health()
    /// The routes.
    public var router = Router()
    /// Wrapped round the routes, the first outermost, inside logging and error mapping.
    public var middleware = MiddlewareChain()
    /// Told of every request after its response, those that could not be read too; see ``HTTPServer``.
    public var requestObserver: (@Sendable (ServedRequest) -> Void)?

    let mode: ServiceMode
    var database: Database?
    var rebuild: ProjectionRebuild?
    /// Tables that follow from events alone, by the group that writes them.
    var projections: [String: [String]] = [:]
    /// What the consumers have applied, for reads that wait for a write.
    public let positions = AppliedPositions()
    var relay: OutboxRelay?
    var consumers: [EventConsumer] = []
    var broadcasts: [BroadcastConsumer] = []
    var tasks: [(name: String, period: Duration, work: @Sendable () async throws -> Void)] = []
    var stops: [@Sendable () async -> Void] = []

    init(
        _ configuration: ServiceConfiguration,
        reader: ConfigurationReader,
        logger: Logger,
        clock: WallClock,
        loops: EventLoopGroup,
        mode: ServiceMode = .serve
    ) {
        self.configuration = configuration
        self.reader = reader
        self.logger = logger
        self.clock = clock
        self.loops = loops
        self.mode = mode
        let client = InternalClient(loops: loops)
        let address = configuration.authURL + "/.well-known/jwks.json"
        let keys = KeySetStore(path: configuration.dataDirectory + "/jwks.json") {
            try await client.get(address)
        }
        tokens = TokenChecker(
            issuer: configuration.tokenIssuer,
            audience: configuration.tokenAudience,
            keys: keys.saved(),
            revocations: RevocationList(clock: clock, maximumSilence: configuration.revocationSilence),
            clock: clock,
            fetchKeys: keys.refresh
        )
    }

    /// A client for calls to other services of the stack.
    public func internalClient() -> InternalClient { InternalClient(loops: loops) }

    /// Opens `<data>/<name>.sqlite`, brings its schema up to date and sends its outbox from the start on. Call once. Blocks.
    public func openDatabase(_ migrations: [Migration]) throws -> Database {
        var path = "\(configuration.dataDirectory)/\(configuration.name).sqlite"
        if mode == .rebuild {
            let rebuild = try ProjectionRebuild(of: path)
            self.rebuild = rebuild
            path = rebuild.path
        }
        let logger = logger
        var settings = Database.Configuration(path: path)
        settings.slowWrite = { nanoseconds in
            logger.warning("a write held up the others", metadata: ["ms": .count(nanoseconds / 1_000_000)])
        }
        settings.checkpointFailed = { logger.error("checkpoint", metadata: ["error": "\($0)"]) }
        let opened = try Database.open(settings, migrations: migrations)
        database = opened
        relay = try OutboxRelay(
            database: opened,
            topics: Topic.all,
            configuration: configuration.kafka,
            logger: logger
        )
        let clock = clock
        every(.seconds(60), "prune") { try await Housekeeping.prune(opened, at: clock.now) }
        return opened
    }

    /// Consumes topics in a group, each event once in effect, in the transaction that the handler gets. The database
    /// must be open; events of `ignored` types never reach the handler. `projections` are the tables whose rows follow
    /// from these events alone, in whatever order the topics come: `--rebuild` makes them anew.
    public func consume(
        group: String,
        topics: [Topic],
        failurePolicy: EventConsumer.FailurePolicy = .deadLetter,
        projections tables: [String] = [],
        ignoring ignored: Set<String> = [],
        _ handler: @escaping EventConsumer.Handler
    ) throws {
        guard let database else {
            throw ConfigurationError(problems: ["\(group) consumes before the database is open"])
        }
        var settings = EventConsumer.Configuration(group: group, topics: topics, failurePolicy: failurePolicy)
        settings.ignored = ignored
        let consumer = try EventConsumer(
            settings,
            database: database,
            kafka: configuration.kafka,
            logger: logger,
            clock: clock,
            positions: positions,
            handler: handler
        )
        health.add("consumer \(group)") { consumer.failure == nil }
        consumers.append(consumer)
        if !tables.isEmpty { projections[group] = tables }
    }

    /// Consumes topics by a consumer of its own settings, in batches. The database must be open.
    @discardableResult
    public func consume(
        _ settings: EventConsumer.Configuration,
        batches handler: @escaping EventConsumer.BatchHandler
    ) throws -> EventConsumer {
        guard let database else {
            throw ConfigurationError(problems: ["\(settings.group) consumes before the database is open"])
        }
        let consumer = try EventConsumer(
            settings,
            database: database,
            kafka: configuration.kafka,
            logger: logger,
            clock: clock,
            positions: positions,
            batchHandler: handler
        )
        health.add("consumer \(settings.group)") { consumer.failure == nil }
        consumers.append(consumer)
        return consumer
    }

    /// Sees every event of some topics in this process, without a group and without a store. A feed that is lost later is
    /// shown in `/readyz?verbose` and in the metrics `eventbus_feed_connected` and `eventbus_feed_silence_seconds`.
    @discardableResult
    public func broadcast(
        topics: [Topic],
        types: Set<String>? = nil,
        from start: BroadcastConsumer.Start = .end,
        _ handler: @escaping BroadcastConsumer.Handler
    ) throws -> BroadcastConsumer {
        let consumer = try BroadcastConsumer(
            topics: topics,
            types: types,
            from: start,
            kafka: configuration.kafka,
            logger: logger,
            handler: handler
        )
        let names = topics.map(\.name).joined(separator: ",")
        health.add("feed \(names)") { consumer.isCaughtUp }
        observe(consumer, names)
        broadcasts.append(consumer)
        return consumer
    }

    private func observe(_ consumer: BroadcastConsumer, _ names: String) {
        let clock = clock
        let detail: @Sendable () -> String = {
            let milliseconds = consumer.silence.components.seconds * 1000
            return "whole at \(clock.now.adding(milliseconds: -milliseconds))"
        }
        health.add("feed \(names) alive", required: false, detail: detail) { consumer.isConnected }
        let labels = ["topics": names]
        MetricRegistry.shared.observe("eventbus.feed.connected", help: "1 while the broker answers.", labels: labels) {
            consumer.isConnected ? 1 : 0
        }
        let help = "For how long something may be in the topics that has not been handled here."
        MetricRegistry.shared.observe("eventbus.feed.silence", unit: "s", help: help, labels: labels) {
            Double(consumer.silence.components.seconds)
        }
    }

    /// Follows the revocations of Auth, from as far back as a token may live; the service is ready when it has caught up.
    public func followRevocations() throws {
        let revocations = revocations
        let logger = logger
        let start = clock.now.adding(seconds: -RevocationList.retentionSeconds)
        let feed = try broadcast(topics: [.authEvents], types: [SessionRevoked.type], from: .time(start)) { event, _ in
            do {
                revocations.apply(try event.decode())
            } catch {
                logger.error("a revocation cannot be read", metadata: ["event": "\(event.id)", "error": "\(error)"])
            }
        }
        revocations.observeSilence { feed.silence }
    }

    /// Runs `work` again and again on an event loop, with a pause between; an error is logged and does not end it.
    public func every(_ period: Duration, _ name: String, _ work: @escaping @Sendable () async throws -> Void) {
        tasks.append((name, period, work))
    }

    /// Runs `work` in a graceful stop, after the last request and before the outbox is flushed; the last added runs first.
    public func onStop(_ work: @escaping @Sendable () async -> Void) {
        stops.append(work)
    }
}
