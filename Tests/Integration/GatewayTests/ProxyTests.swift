import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import Telemetry
import Testing

@testable import GatewayService

/// The gateway's handler between a real client and a real service, on one loop.
struct ProxyTests {
    private func withGateway(
        _ rules: [RateLimitRule] = RateLimitRule.standard,
        service: @escaping Handler,
        _ body: @escaping @Sendable (SocketAddress, EventLoop) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let backend = try HTTPServer(any, on: group, handler: service)
            let address = Proxy.Address(host: "127.0.0.1", port: backend.address.port)
            let proxy = Proxy(
                routes: RouteTable(),
                backends: [
                    .booking: address, .notification: address, .user: Proxy.Address(host: "127.0.0.1", port: 1),
                ],
                tokens: TokenChecker(issuer: "i", audience: "a", revocations: RevocationList()) {
                    throw UpstreamError.unreachable
                },
                limits: RateLimits(
                    store: RateLimitStore(
                        RateLimitPolicy(version: 1, rows: rules),
                        logger: Logger(label: "test", level: .error)
                    ) { _ in }
                ),
                trustedProxies: []
            )
            let gateway = try HTTPServer(any, on: group) { request in
                do {
                    return try await proxy.respond(to: request)
                } catch let problem as Problem {
                    return problem.response
                }
            }
            let running = [backend, gateway].map { server in Task(executorPreference: loop) { await server.run() } }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(gateway.address, loop))
            } catch {
                result = .failure(error)
            }
            gateway.stop()
            backend.stop()
            for task in running { await task.value }
            try result.get()
        }
    }

    /// Sends bytes and reads until the gateway closes.
    private func exchange(_ text: String, _ address: SocketAddress, _ loop: EventLoop) async throws -> String {
        let connection = try await Connection.connect(to: address, on: loop, until: .after(.seconds(5)))
        defer { connection.close() }
        try await connection.write(Array(text.utf8), until: .after(.seconds(5)))
        while try await connection.fill(toHold: connection.input.count + 1, until: .after(.seconds(5))) {}
        return String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
    }

    private static let echo: Handler = { request in
        let body = try await request.body.collect(upTo: 1 << 20)
        return .text(.ok, "\(request.method) \(request.path) \(String(decoding: body, as: UTF8.self))")
    }

    @Test func `requests reach their service and answers come back, with bodies of both framings`() async throws {
        try await withGateway(service: Self.echo) { address, loop in
            let head = "POST /v1/bookings?x=%20 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            let sized = try await exchange(head + "Content-Length: 3\r\n\r\nabc", address, loop)
            #expect(sized.hasPrefix("HTTP/1.1 200") && sized.hasSuffix("POST /v1/bookings?x=%20 abc"))
            #expect(sized.contains("RateLimit-Policy: \"address\";q=12000;w=60\r\n"))
            let chunked = try await exchange(
                head + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nHost: z\r\n\r\n",
                address,
                loop
            )
            #expect(chunked.hasSuffix("POST /v1/bookings?x=%20 abc"))
        }
    }

    @Test func `a service that cannot be reached is 503, a refused token 401`() async throws {
        try await withGateway(service: Self.echo) { address, loop in
            let down = try await exchange(
                "POST /v1/users HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                address,
                loop
            )
            #expect(down.hasPrefix("HTTP/1.1 503") && down.contains("Retry-After: "))
            let token = "GET /v1/bookings HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n"
            #expect(try await exchange(token, address, loop).hasPrefix("HTTP/1.1 401"))
        }
    }

    @Test func `a 429 tells all that a client needs: when to come back, every limit, and which was exceeded`()
        async throws
    {
        let rules = [
            RateLimitRule("address", scope: .address, quota: 100),
            RateLimitRule("tickets", scope: .address, method: "GET", route: "/v1/bookings/{id}/tickets", quota: 1),
            RateLimitRule("all", scope: .route, route: "/v1/bookings/*", quota: 50, windowSeconds: 10, burst: 5),
        ]
        try await withGateway(rules, service: Self.echo) { address, loop in
            func get(_ path: String, method: String = "GET") async throws -> String {
                try await exchange("\(method) \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", address, loop)
            }
            let allowed = try await get("/v1/bookings/1/tickets")
            #expect(allowed.hasPrefix("HTTP/1.1 200"))
            let policy = #"RateLimit-Policy: "address";q=100;w=60, "tickets";q=1;w=60, "all";q=50;w=10"#
            #expect(allowed.contains(policy + "\r\n"))
            #expect(allowed.contains(#"RateLimit: "address";r=99;t=1, "tickets";r=0;t=60, "all";r=4;t=1"# + "\r\n"))
            let refused = try await get("/v1/bookings/2/tickets")
            #expect(refused.hasPrefix("HTTP/1.1 429"))
            #expect(refused.contains(policy + "\r\n") && refused.contains("Retry-After: 60\r\n"))
            #expect(refused.contains("Cache-Control: no-store\r\n"))
            #expect(refused.contains(#""type":"https://iana.org/assignments/http-problem-types#quota-exceeded""#))
            #expect(refused.contains(#""violated-policies":["tickets"]"#))
            #expect(try await get("/v1/bookings/2/tickets", method: "HEAD").hasPrefix("HTTP/1.1 429"))
            // A refused request has not been counted by the other rules.
            let other = try await get("/v1/bookings/2/stream")
            #expect(other.hasPrefix("HTTP/1.1 200") && other.contains(#""all";r=3"#))
            let unknown = try await get("/v1/nothing")
            #expect(unknown.hasPrefix("HTTP/1.1 404"))
            #expect(try await get("/v1/bookings/3").contains(#""address";r=96"#))
        }
    }

    @Test func `events pass while the stream is open, and a client that leaves ends it at the service`() async throws {
        let ended = Waiter<Bool>()
        let service: Handler = { request in
            .events(for: request) { stream in
                stream.send(ServerSentEvent(data: "first"))
                do {
                    try await request.loop.sleep(for: .seconds(60))
                } catch {
                    ended.resume(.success(true))
                    throw error
                }
            }
        }
        try await withGateway(service: service) { address, loop in
            let connection = try await Connection.connect(to: address, on: loop, until: .after(.seconds(5)))
            let request = "GET /v1/bookings/7/stream HTTP/1.1\r\nHost: h\r\n\r\n"
            try await connection.write(Array(request.utf8), until: .after(.seconds(5)))
            var text = ""
            while !text.contains("data: first") {
                #expect(try await connection.fill(toHold: 1, until: .after(.seconds(5))))
                text += String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
            }
            connection.close()
            #expect(try await loop.wait(for: ended, until: .after(.seconds(5))))
        }
    }

    @Test func `WebSockets pass both ways, with the service's close code`() async throws {
        let service: Handler = { request in
            WebSocket.upgrade(request, protocols: ["chat.v1"]) { socket in
                guard let first = await socket.next() else { return }
                socket.send(first)
                socket.close(.unauthorized)
                while await socket.next() != nil {}
            }
        }
        try await withGateway(service: service) { address, loop in
            try await WebSocket.connect(to: address, on: loop, path: "/v1/notifications/ws", protocols: ["chat.v1"]) {
                socket in
                #expect(socket.subprotocol == "chat.v1")
                socket.send("hello")
                #expect(await socket.next() == .text("hello"))
                #expect(await socket.next() == nil)
                #expect(socket.closeCode == .unauthorized)
            }
        }
    }

    @Test func `an answer that is cut off is not made whole`() async throws {
        struct Broken: Error {}
        let service: Handler = { _ in
            Response(
                .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array("part".utf8))
                    throw Broken()
                }
            )
        }
        try await withGateway(service: service) { address, loop in
            let text = try await exchange("GET /v1/bookings HTTP/1.1\r\nHost: h\r\n\r\n", address, loop)
            #expect(text.contains("part") && !text.contains("0\r\n\r\n"))
        }
    }
}
