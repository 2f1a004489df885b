import HTTPCore
import HTTPTransport
import LogBroker
import Reactor
import Telemetry

/// `/livez`, `/readyz`, `/metrics` (Prometheus) and the routes of a backup on a port of their own, for machines that look
/// after the broker.
struct HealthServer: Sendable {
    private let server: HTTPServer

    init(_ address: SocketAddress, broker: Broker, backup: BackupRoutes) throws {
        MetricRegistry.shared.observeProcess()
        var router = Router()
        router.get("/livez") { _ in .text(.ok, "ok\n") }
        router.get("/readyz") { request in
            let isReady = broker.isReady
            let process = request.path.hasSuffix("?verbose") ? ",\"process\":\(ProcessReport.now.json)" : ""
            let text = "{\"status\":\"\(isReady ? "ready" : "not ready")\"\(process)}"
            let status: HTTPResponse.Status = isReady ? .ok : .serviceUnavailable
            return Response(status, [.contentType: "application/json"], body: .bytes(Array(text.utf8)))
        }
        router.get("/metrics") { _ in .text(.ok, MetricRegistry.shared.exposition()) }
        backup.add(to: &router)
        let routes = router
        server = try HTTPServer(address, on: EventLoopGroup()) { try await routes.respond(to: $0) }
    }

    func run() async { await server.run() }

    func stop() { server.stop() }
}
