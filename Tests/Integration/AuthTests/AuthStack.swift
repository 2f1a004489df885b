import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import ServiceKit
import Synchronization
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

    /// Passwords that were set, the last last.
    var passwords: [String] { known.passwords.withLock(\.self) }
    private let known: Known

    /// Says whether the password is good only beside a second factor.
    func setPassword(isShort: Bool) { known.isShort.withLock { $0 = isShort } }

    /// What our User knows.
    private final class Known: Sendable {
        let passwords = Mutex(["right"])
        /// Whether the password is good only beside a second factor.
        let isShort = Mutex(false)
    }

    init(rules: [RateLimitRule]? = nil, role: Role = .user, environment: [String: String] = [:]) async throws {
        directory = try TemporaryDirectory()
        loops = try EventLoopGroup()
        let known = Known()
        self.known = known
        var router = Router()
        router.post("/internal/v1/credentials/set") { request in
            let sent = try await request.json(CredentialsToSet.self)
            guard sent.userID == Self.userID else { throw Problem(.notFound) }
            guard sent.password.count >= 15 else {
                let error = Problem.FieldError(pointer: "/password", code: "too_short", detail: "at least 15")
                throw Problem(.weakPassword, errors: [error])
            }
            known.passwords.withLock { $0.append(sent.password) }
            known.isShort.withLock { $0 = false }
            return .noContent
        }
        router.post("/internal/v1/credentials/alone") { request in
            let sent = try await request.json(PasswordToStandAlone.self)
            guard sent.userID == Self.userID else { throw Problem(.notFound) }
            if known.isShort.withLock(\.self) { throw Problem(.passwordTooShort) }
            return .noContent
        }
        router.post("/internal/v1/credentials/verify") { request in
            let sent = try await request.json(CredentialsToVerify.self)
            let isKnown = sent.email == "linh@example.org"
            guard isKnown, sent.password == known.passwords.withLock({ $0.last }) else {
                let account = isKnown ? [RefusedCredentials.member: [Self.userID.description]] : [:]
                throw Problem(.invalidCredentials, extensions: account)
            }
            return try .json(VerifiedCredentials(userID: Self.userID, role: role))
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
        ].merging(environment) { _, own in own }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.port)"))
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

    /// Tells Auth of the account, as User does, and waits until it knows.
    func introduce(email: String = "linh@example.org", locale: String = "en") async throws {
        try await publish(
            UserProfile(
                userID: Self.userID,
                email: email,
                handle: "linh",
                displayName: "Linh",
                locale: locale,
                role: .user
            )
        )
    }

    func post(_ path: String, _ json: String = "{}", token: String? = nil) async throws -> Curl.Response {
        try await Curl.request("POST", auth.url + path, json: json, token: token)
    }

    func get(_ path: String, token: String? = nil) async throws -> Curl.Response {
        try await Curl.request("GET", auth.url + path, token: token)
    }

    func logIn(
        email: String = "linh@example.org",
        password: String = "right",
        cookie: String? = nil
    ) async throws -> Curl.Response {
        let body = #"{"email":"\#(email)","password":"\#(password)"}"#
        let headers = cookie.map { ["Cookie": $0] } ?? [:]
        return try await Curl.request("POST", auth.url + "/v1/auth/login", json: body, headers: headers)
    }

    func refresh(_ token: String) async throws -> Curl.Response {
        try await post("/v1/auth/token", #"{"refresh_token":"\#(token)"}"#)
    }

    /// Publishes what User would.
    func publish(_ payload: some EventPayload) async throws {
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.port)"))
        let producer = try EventProducer(kafka, logger: Logger(label: "test", level: .error))
        defer { producer.stop() }
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    func stopUser() { server.stop() }
}
