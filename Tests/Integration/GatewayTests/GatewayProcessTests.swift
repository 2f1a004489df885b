import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// The gateway as a process: its start, its stop, and what no handler sees.
@Suite(.serialized) struct GatewayProcessTests {
    /// Runs `body` on a loop with the address of a service there.
    private static func withService(
        _ handler: @escaping Handler,
        _ body: @escaping @Sendable (String, EventLoop) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let server = try HTTPServer(any, on: group, handler: handler)
            let running = Task(executorPreference: loop) { await server.run() }
            let url = "http://\(server.address)"
            let result = await Task(executorPreference: loop) { try await body(url, loop) }.result
            server.stop()
            await running.value
            try result.get()
        }
    }

    @Test func `after SIGTERM both ends of a WebSocket hear 1001, a request ends, and the process ends well`()
        async throws
    {
        let heard = Waiter<WebSocketCloseCode?>()
        let asked = Waiter<Void>()
        let service: Handler = { request in
            guard request.path.hasSuffix("/ws") else {
                asked.resume(.success(()))
                try await request.loop.sleep(for: .milliseconds(300))
                return .text(.ok, "late")
            }
            return WebSocket.upgrade(request) { socket in
                while let message = await socket.next() { socket.send(message) }
                heard.resume(.success(socket.closeCode))
            }
        }
        try await Self.withService(service) { url, loop in
            let rig = try await GatewayRig(["NOTIFICATION_URL": url])
            let gateway = rig.gateway.withLock { $0 }
            let address = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            let status = Mutex<ChildProcess.ExitStatus?>(nil)
            try await WebSocket.connect(to: address, on: loop, path: "/v1/notifications/ws") { socket in
                socket.send("hello")
                #expect(await socket.next() == .text("hello"))
                async let late = rig.get("/v1/notifications")
                try await loop.wait(for: asked, until: .soon)
                async let stopped = gateway.stop()
                #expect(await socket.next() == nil)
                #expect(socket.closeCode == .goingAway)
                #expect(try await late.body == "late")
                let end = try await stopped
                status.withLock { $0 = end }
            }
            #expect(status.withLock { $0 } == .exited(0))
            let code = try await loop.wait(for: heard, until: .soon)
            #expect(code == .goingAway)
        }
    }

    @Test func `an unreadable request gets a problem with an id, and a dead service leaves the gateway ready`()
        async throws
    {
        let nobody = try PortProbe.freePort()
        let rig = try await GatewayRig(["NOTIFICATION_URL": "http://127.0.0.1:\(nobody)"])
        let port = rig.gateway.withLock { $0.port }
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
            let client = RawConnection(try await Connection.connect(to: address, on: loop, until: .soon))
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 400") && answer.contains("X-Request-Id: "))
            #expect(answer.contains("\"code\":\"malformed_request\""))
            client.connection.close()
        }
        for _ in 0..<6 {
            let status = try await rig.get("/v1/notifications").status
            #expect(status == 503)
        }
        let ready = try await rig.get("/readyz?verbose")
        #expect(ready.status == 200)
        #expect(ready.json["checks"]["upstream notification"].string == "degraded")
        #expect(ready.json["checks"]["upstream booking"].string == "ok")
        let metrics = try await rig.get("/metrics").body
        #expect(metrics.contains("gateway_upstream_open{upstream=\"notification\"} 1\n"))
        #expect(metrics.contains("gateway_upstream_failures_total{upstream=\"notification\"} "))
    }

    @Test func `a gateway that never saw its broker stops well too`() async throws {
        let nobody = try PortProbe.freePort()
        let gateway = try ServiceProcess("gateway", environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(nobody)"])
        try await eventually("the gateway lives") {
            PortProbe.httpStatus(gateway.port, path: "/livez", timeoutMilliseconds: 500) == 200
        }
        let end = try await gateway.stop()
        #expect(end == .exited(0))
    }

    @Test func `every wrong value of the environment is told before the gateway ends`() async throws {
        let data = try TemporaryDirectory()
        let environment = [
            "DATA_DIR": data.path, "PORT": "0", "TRUSTED_PROXIES": "10.0.0.0/8,10.0.0.0/40,proxy",
            "CORS_ORIGINS": "https://a.example,b.example", "USER_URL": "https://user",
        ]
        let result = try await Command.run(try ServiceProcess.path(of: "gateway"), environment: environment, within: 20)
        #expect(result.status == .exited(1))
        for wrong in ["10.0.0.0/40", "proxy", "b.example", "https://user"] { #expect(result.output.contains(wrong)) }
        #expect(!result.output.contains("10.0.0.0/8\\\""))
    }
}
