import Contracts
import EventBus
import Security
import Synchronization
import System
import Telemetry
import TestSupport

/// A broker and a gateway as processes; the services behind are not there.
final class GatewayRig: Sendable {
    let gateway: Mutex<ServiceProcess>
    let mint: TokenMint
    private let broker: Mutex<ServiceProcess>
    private let data: TemporaryDirectory
    private let brokerVariables: [String: String]
    private let variables: [String: String]

    init(_ environment: [String: String] = [:]) async throws {
        data = try TemporaryDirectory()
        brokerVariables = ["DATA_DIR": data.appending("broker"), "PORT": String(try PortProbe.freePort())]
        let started = try ServiceProcess("broker", environment: brokerVariables)
        broker = Mutex(started)
        mint = try TokenMint()
        try mint.trust(in: data, by: "gateway")
        var variables = ["DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(started.port)"]
        variables.merge(environment) { $1 }
        self.variables = variables
        let first = try ServiceProcess("gateway", environment: variables)
        gateway = Mutex(first)
        try await first.waitUntilReady(within: 60)
    }

    var url: String { gateway.withLock { $0.url } }

    var port: UInt16 { gateway.withLock { $0.port } }

    var kafka: KafkaConfiguration {
        KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.withLock { $0.port })"))
    }

    /// Another gateway of the same broker.
    func startAnother() async throws -> ServiceProcess {
        let another = try ServiceProcess("gateway", environment: variables)
        try await another.waitUntilReady(within: 60)
        return another
    }

    func restartGateway() async throws {
        _ = try await gateway.withLock { $0 }.stop()
        let next = try await startAnother()
        gateway.withLock { $0 = next }
    }

    func stopBroker() async throws { try await broker.withLock { $0 }.kill() }

    func startBroker() throws {
        let next = try ServiceProcess("broker", environment: brokerVariables)
        broker.withLock { $0 = next }
    }

    /// Follows a topic from its beginning.
    func follow(_ topic: Topic, _ handler: @escaping BroadcastConsumer.Handler) throws -> BroadcastConsumer {
        let consumer = try BroadcastConsumer(
            topics: [topic],
            from: .beginning,
            kafka: kafka,
            logger: Logger(label: "test", level: .error),
            handler: handler
        )
        try consumer.run()
        return consumer
    }

    @discardableResult
    func get(_ path: String, token: String? = nil, id: String? = nil) async throws -> Curl.Response {
        let headers = id.map { ["X-Request-Id": $0] } ?? [:]
        return try await Curl.request("GET", url + path, token: token, headers: headers)
    }

    func adminToken() throws -> String { try mint.token(for: .version7(at: WallClock.system.now), roles: ["admin"]) }
}
