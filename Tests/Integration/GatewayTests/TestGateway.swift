import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import Telemetry
import Testing

@testable import GatewayService

/// The gateway's handlers in this process, on one loop, with one service behind.
struct TestGateway: Sendable {
    let server: HTTPServer
    let loop: EventLoop
    /// Where `/v1/bookings` and `/v1/notifications` go.
    let upstream: Upstream

    /// What answers behind the gateway.
    enum Service {
        case handler(Handler)
        /// Speaks bytes on each connection.
        case raw(@Sendable (Connection) async throws -> Void)
    }

    /// A gateway's parts that tests change.
    struct Settings {
        var rules = RateLimitRule.standard
        var trustedProxies: [String] = []
        var origins: Set<String> = []
        var headTimeout = Upstream.headTimeout
    }

    /// Runs a service and a gateway on a fresh loop, and `body` with them. `/v1/users` leads to a port nobody listens on.
    static func run(
        _ settings: Settings = Settings(),
        over service: Service,
        _ body: @escaping @Sendable (TestGateway) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let (address, serve, stop) = try start(service, any, group)
            let client = Upstream.makeClient()
            let origin = Origin(host: "127.0.0.1", port: address.port)
            let upstream = Upstream("test", at: origin, client: client, headTimeout: settings.headTimeout)
            let nobody = Upstream("nobody", at: Origin(host: "127.0.0.1", port: 1), client: client)
            let gateway = try HTTPServer(any, on: group, handler: handler(settings, upstream, nobody))
            let running = [
                Task(executorPreference: loop) { await serve() },
                Task(executorPreference: loop) { await gateway.run() },
            ]
            let result = await Task(executorPreference: loop) {
                try await body(TestGateway(server: gateway, loop: loop, upstream: upstream))
            }.result
            gateway.stop()
            stop()
            for task in running { await task.value }
            try result.get()
        }
    }

    private static func start(
        _ service: Service,
        _ address: SocketAddress,
        _ group: EventLoopGroup
    ) throws -> (SocketAddress, @Sendable () async -> Void, @Sendable () -> Void) {
        switch service {
        case .handler(let handler):
            let server = try HTTPServer(address, on: group, handler: handler)
            return (server.address, { await server.run() }, { server.stop() })
        case .raw(let speak):
            let listener = try Listener(address, on: group)
            return (
                listener.address,
                { await listener.run(grace: .milliseconds(100)) { try? await speak($0) } },
                { listener.stop() }
            )
        }
    }

    private static func handler(_ settings: Settings, _ upstream: Upstream, _ nobody: Upstream) -> Handler {
        let proxy = Proxy(
            routes: RouteTable(),
            services: [
                .booking: LoadBalancer([upstream]), .notification: LoadBalancer([upstream]),
                .user: LoadBalancer([nobody]),
            ],
            tokens: TokenChecker(issuer: "i", audience: "a", revocations: RevocationList()) {
                throw CancellationError()
            },
            limits: RateLimits(
                store: RateLimitStore(
                    RateLimitPolicy(version: 1, rows: settings.rules),
                    logger: Logger(label: "test", level: .critical)
                ) { _ in }
            )
        )
        let edge = Edge(crossOrigin: CrossOrigin(origins: settings.origins))
        let observer = RequestObserver(
            logger: Logger(label: "test", level: .critical),
            proxies: TrustedProxies(settings.trustedProxies.compactMap { AddressBlock($0) })
        )
        var middleware = MiddlewareChain()
        middleware.append(observer.respond(to:next:))
        middleware.append(edge.respond(to:next:))
        return middleware.wrapping { try await proxy.respond(to: $0) }
    }

    // MARK: Clients

    /// A connection to the gateway.
    func connect() async throws -> RawConnection {
        RawConnection(try await Connection.connect(to: server.address, on: loop, until: .soon))
    }

    /// Sends bytes and reads until the gateway closes.
    func exchange(_ text: String) async throws -> String {
        let client = try await connect()
        defer { client.connection.close() }
        try await client.send(text)
        return try await client.readAll()
    }

    /// A request without a body, after which the gateway closes.
    func request(_ method: String = "GET", _ path: String = "/v1/bookings", _ fields: String = "") async throws
        -> String
    {
        try await exchange("\(method) \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(fields)\r\n")
    }
}

/// A connection on which a test speaks bytes.
struct RawConnection {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func send(_ text: String) async throws {
        try await connection.write(Array(text.utf8), until: .soon)
    }

    /// Everything until the peer ends the connection.
    func readAll() async throws -> String {
        while try await connection.fill(toHold: connection.input.count + 1, until: .soon) {}
        return take()
    }

    /// Up to and including `mark`; less when the peer ends before.
    func read(through mark: String) async throws -> String {
        var text = ""
        while !text.hasSuffix(mark), try await connection.fill(toHold: 1, until: .soon) {
            text += String(decoding: connection.input.take(1), as: UTF8.self)
        }
        return text
    }

    private func take() -> String {
        String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
    }
}

extension Deadline {
    /// More than anything takes that works.
    static var soon: Deadline { .after(.seconds(5)) }
}
