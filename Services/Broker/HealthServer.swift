import HTTPCore
import HTTPTransport
import LogBroker
import Reactor
import Telemetry

/// `/livez`, `/readyz` and `/metrics` (Prometheus) on a port of their own, for machines that look after the broker.
struct HealthServer: Sendable {
    private let server: HTTPServer

    init(_ address: SocketAddress, broker: Broker) throws {
        MetricRegistry.shared.observeProcess()
        var router = Router()
        router.get("/livez") { _ in .text(.ok, "ok\n") }
        router.get("/readyz") { _ in
            broker.isReady ? .text(.ok, "ready\n") : .text(.serviceUnavailable, "not ready\n")
        }
        router.get("/metrics") { _ in .text(.ok, MetricRegistry.shared.exposition()) }
        let routes = router
        server = try HTTPServer(address, on: EventLoopGroup()) { try await routes.respond(to: $0) }
    }

    func run() async { await server.run() }

    func stop() { server.stop() }
}
