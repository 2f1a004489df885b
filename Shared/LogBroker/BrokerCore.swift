import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry

/// What all connections share. Everything here is immutable or has its own lock.
final class BrokerCore: Sendable {
    let configuration: BrokerConfiguration
    let store: LogStore
    /// Where a client is sent whose own address is not known.
    private let defaultPort: UInt16
    let access: AccessControl
    let credentials: Credentials
    let certificates: TLSCertificates?
    let groups: GroupCoordinator
    let quotas = QuotaManager()
    let settings: SettingsKeeper
    let transactions: TransactionCoordinator
    let producerIDs: ProducerIDs
    let connections: ConnectionLimits
    let memory: RequestMemory
    let traffic: TrafficMetrics
    let metrics: BrokerMetrics
    private let stopping = Atomic(false)

    /// Opens the store. Blocks.
    init(
        _ configuration: BrokerConfiguration,
        defaultPort: UInt16,
        onFatal: @escaping @Sendable (LogError) -> Void
    ) throws {
        self.configuration = configuration
        self.defaultPort = defaultPort
        access = AccessControl(configuration)
        credentials = try Credentials(configuration.users)
        certificates = try configuration.tls.map { try TLSCertificates($0, logger: configuration.logger) }
        metrics = BrokerMetrics(configuration.metrics)
        traffic = TrafficMetrics(configuration.metrics)
        connections = ConnectionLimits(
            total: configuration.maximumConnections,
            perAddress: configuration.maximumConnectionsPerAddress
        )
        memory = RequestMemory(limit: configuration.maximumQueuedBytes)
        store = try LogStore(
            directory: configuration.dataDirectory,
            configuration: configuration.log,
            logger: configuration.logger,
            onFatal: onFatal,
            onCommit: { [traffic] in traffic.commitDuration.observe(Double($0) / 1e9) }
        )
        groups = try GroupCoordinator(
            store: store,
            settings: configuration.consumerGroups,
            logger: configuration.logger
        )
        settings = try SettingsKeeper(store: store, logger: configuration.logger) {
            [quotas, credentials, connections, groups] settings in
            groups.change(settings.consumerGroups(configuration.consumerGroups))
            quotas.replace(settings.quotas)
            credentials.alter(settings.credentials)
            connections.change(
                total: settings.number(BrokerSetting.maximumConnections) ?? configuration.maximumConnections,
                perAddress: settings.number(BrokerSetting.maximumConnectionsPerAddress)
                    ?? configuration.maximumConnectionsPerAddress
            )
        }
        producerIDs = ProducerIDs(leaderEpoch: store.leaderEpoch)
        transactions = try TransactionCoordinator(
            store: store,
            groups: groups,
            producerIDs: producerIDs,
            logger: configuration.logger,
            metrics: metrics
        )
    }

    /// Errors: policyViolation when there would be more topics or partitions than may be; the broker's own do not count.
    func checkRoom(forTopics topics: Int, partitions: Int) throws {
        let all = store.topics.filter { !InternalTopic.isOne($0.name) }
        let count = all.reduce(0) { $0 + Int($1.partitions) }
        guard all.count + topics <= configuration.maximumTopics, count + partitions <= configuration.maximumPartitions
        else { throw ErrorCode.policyViolation }
    }

    /// Where a client that came to `address` is told to connect.
    func advertised(to address: SocketAddress?) -> AdvertisedListener {
        let own = AdvertisedListener(host: address?.host ?? "127.0.0.1", port: address?.port ?? defaultPort)
        return configuration.advertisedListeners.first { $0.port == own.port } ?? own
    }

    var logger: Logger { configuration.logger }
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Nothing begins to wait any longer, and who waits for a group is let go.
    func beginStop() {
        stopping.store(true, ordering: .releasing)
        groups.stop()
    }

    /// Runs what blocks on the store's job thread.
    func onJobThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let waiter = Waiter<Value>()
        guard store.background({ waiter.resume(Result { try body() }) }) else { throw LogError.closed }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    /// Runs a read that may have to wait for the disk.
    func onReadThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let waiter = Waiter<Value>()
        guard store.onReadThread({ waiter.resume(Result { try body() }) }) else { throw LogError.closed }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    /// Opens logs off the loop. One that cannot be opened says so when it is used.
    func open(_ logs: [PartitionLog]) async throws {
        guard !logs.isEmpty else { return }
        try await onReadThread {
            for log in logs { try? log.open() }
        }
    }

    /// From the start to the first round of retention at most (Kafka's `log.initial.task.delay.ms`).
    private static let firstRetention = Duration.seconds(30)

    /// Retention, renewed certificates and the search for silent group members and late transactions, until cancelled.
    func runUpkeep(on loop: EventLoop) async {
        let interval = Duration.milliseconds(configuration.log.retentionInterval)
        var retention = Deadline.after(min(interval, Self.firstRetention))
        var certificateCheck = Deadline.after(TLSCertificates.checkInterval)
        do {
            while true {
                try await loop.sleep(for: GroupCoordinator.sweepInterval)
                groups.sweep()
                transactions.sweep()
                if let certificates, certificateCheck <= Deadline(nanoseconds: loop.now) {
                    certificateCheck = .after(TLSCertificates.checkInterval)
                    try await onJobThread { certificates.reloadIfChanged() }
                }
                guard retention <= Deadline(nanoseconds: loop.now) else { continue }
                retention = .after(interval)
                let (store, transactions, logger) = (store, transactions, logger)
                try await onJobThread {
                    store.applyRetention()
                    do {
                        try transactions.applyRetention()
                    } catch {
                        logger.warning("transactional ids that are over are kept: \(error)")
                    }
                }
            }
        } catch {
            // Cancelled, or the store is closed: the broker stops.
        }
    }
}

/// What the broker counts (names after OpenTelemetry's messaging conventions).
struct BrokerMetrics: Sendable {
    let connections: Gauge
    let requests: Counter
    let failedAuthentications: Counter
    let failedHandshakes: Counter
    let producedBytes: Counter
    let fetchedBytes: Counter
    let refusedRequests: Counter
    let commits: Counter
    let aborts: Counter

    init(_ registry: MetricRegistry) {
        connections = registry.gauge("broker_connections", help: "Open client connections")
        requests = registry.counter("broker_requests", help: "Requests of clients")
        failedAuthentications = registry.counter(
            "broker_failed_authentications",
            help: "Failed attempts to authenticate"
        )
        failedHandshakes = registry.counter("broker_failed_handshakes", help: "Connections that ended before a request")
        producedBytes = registry.counter("broker_produced_bytes", help: "Bytes of record batches taken from producers")
        fetchedBytes = registry.counter("broker_fetched_bytes", help: "Bytes of record batches sent to consumers")
        refusedRequests = registry.counter(
            "broker_refused_requests",
            help: "Requests whose call, version or form is unknown: the connection was closed"
        )
        let transactions = "Transactions that have ended"
        commits = registry.counter("broker_transactions", help: transactions, labels: ["result": "commit"])
        aborts = registry.counter("broker_transactions", help: transactions, labels: ["result": "abort"])
    }
}
