import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import ServiceKit
import System
import Telemetry
import TestSupport

/// A broker and an Auth as processes, and a User of our own that knows one password.
final class AuthStack: Sendable {
    static let userID = Identifier.version7(at: WallClock.system.now)

    let auth: ServiceProcess
    let broker: ServiceProcess
    var dataDirectory: String { directory.path }
    private let directory: TemporaryDirectory
    private let loops: EventLoopGroup
    private let server: HTTPServer

    init(rules: [RateLimitRule]? = nil) async throws {
        directory = try TemporaryDirectory()
        loops = try EventLoopGroup()
        var router = Router()
        router.post("/internal/v1/credentials/verify") { request in
            let sent = try await request.json(CredentialsToVerify.self)
            let isKnown = sent.email == "linh@example.org"
            guard sent.password == "right" else {
                let account = isKnown ? [RefusedCredentials.member: [Self.userID.description]] : [:]
                throw Problem(.invalidCredentials, extensions: account)
            }
            return try .json(VerifiedCredentials(userID: Self.userID, role: .user))
        }
        let routes = router
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else {
            throw SystemError(operation: "address", code: 0)
        }
        let server = try HTTPServer(address, on: loops) { try await routes.respond(to: $0) }
        self.server = server
        _ = Task(executorPreference: loops.loops[0]) { await server.run() }
        broker = try ServiceProcess("broker")
        let port = try PortProbe.freePort()
        let variables = [
            "DATA_DIR": directory.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)",
            "USER_URL": "http://127.0.0.1:\(server.address.port)", "PORT": String(port),
            "AUTH_URL": "http://127.0.0.1:\(port)",
        ]
        let kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(broker.port)")
        // A record sent before its topic is there would make the topic, with another number of partitions.
        try await TopicAdmin(kafka, logger: Logger(label: "test", level: .error)).ensure(Topic.all)
        if let rules { try await Self.publish(rules, to: kafka) }
        auth = try ServiceProcess("auth", environment: variables)
        try await auth.waitUntilReady(within: 60)
    }

    deinit { server.stop() }

    /// Sets the rate-limit policy as a gateway does.
    private static func publish(_ rules: [RateLimitRule], to kafka: KafkaConfiguration) async throws {
        let producer = try EventProducer(kafka, logger: Logger(label: "test", level: .error))
        let now = WallClock.system.now
        try await producer.send(Event(RateLimitsChanged(rules: rules, changedBy: userID, timestamp: now), at: now))
        producer.stop()
    }

    func post(_ path: String, _ json: String = "{}", token: String? = nil) async throws -> Curl.Response {
        try await Curl.request("POST", auth.url + path, json: json, token: token)
    }

    func get(_ path: String, token: String? = nil) async throws -> Curl.Response {
        try await Curl.request("GET", auth.url + path, token: token)
    }

    func logIn(email: String = "linh@example.org", password: String = "right") async throws -> Curl.Response {
        try await post("/v1/auth/login", #"{"email":"\#(email)","password":"\#(password)"}"#)
    }

    func refresh(_ token: String) async throws -> Curl.Response {
        try await post("/v1/auth/token", #"{"refresh_token":"\#(token)"}"#)
    }

    /// Publishes what User would.
    func publish(_ payload: some EventPayload) async throws {
        let kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(broker.port)")
        let producer = try EventProducer(kafka, logger: Logger(label: "test", level: .error))
        defer { producer.stop() }
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    func stopUser() { server.stop() }
}
