import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport

/// A server of the test's own, which answers every request with 200 and remembers the paths.
final class Backend: Sendable {
    let paths = Mutex<[String]>([])

    /// Longer bodies are 413.
    private static let bodyLimit = 100_000

    func respond(to request: Request) async throws -> Response {
        if request.method == .connect { throw RoutingError.methodNotAllowed(allowed: [.get]) }
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        paths.withLock { $0.append(request.path) }
        return .text(.ok, "\(request.method) \(request.path) \(body.count)\n")
    }

    /// Runs `body` beside a server on a fresh loop.
    static func run(
        _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        _ body: @escaping @Sendable (Backend, SocketAddress, EventLoop) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        let backend = Backend()
        try await loop.run {
            guard let any = SocketAddress(host: "127.0.0.1", port: 0) else { return }
            let server = try HTTPServer(any, on: group, configuration: configuration) {
                try await backend.respond(to: $0)
            }
            let running = Task(executorPreference: loop) { await server.run() }
            let result = await Task(executorPreference: loop) {
                try await body(backend, server.address, loop)
            }.result
            server.stop()
            await running.value
            try result.get()
        }
    }
}

/// The gateway as a process; what is asked for below ``RequestCase/path`` goes to a service at `address`. There is no broker:
/// the built-in limits hold.
func startGateway(over address: SocketAddress) async throws -> ServiceProcess {
    let nobody = try PortProbe.freePort()
    let gateway = try ServiceProcess(
        "gateway",
        environment: [
            "BOOKING_URL": "http://\(address)", "NOTIFICATION_URL": "http://\(address)",
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(nobody)",
        ]
    )
    try await eventually("the gateway lives", within: 30) {
        PortProbe.httpStatus(gateway.port, path: "/livez", timeoutMilliseconds: 500) == 200
    }
    return gateway
}
