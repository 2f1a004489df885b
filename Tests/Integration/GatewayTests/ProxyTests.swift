import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Testing

@testable import GatewayService

/// The gateway's handler between a real client and a real service, on one loop.
struct ProxyTests {
    private static let echo = TestGateway.Service.handler { request in
        let body = try await request.body.collect(upTo: 1 << 20)
        return .text(.ok, "\(request.method) \(request.path) \(String(decoding: body, as: UTF8.self))")
    }

    @Test func `requests reach their service and answers come back, with bodies of both framings`() async throws {
        try await TestGateway.run(over: Self.echo) { gateway in
            let head = "POST /v1/bookings?x=%20 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            let sized = try await gateway.exchange(head + "Content-Length: 3\r\n\r\nabc")
            #expect(sized.hasPrefix("HTTP/1.1 200") && sized.hasSuffix("POST /v1/bookings?x=%20 abc"))
            #expect(sized.contains(#"RateLimit-Policy: "address";q=12000;w=60"#))
            #expect(sized.contains("X-Request-Id: "))
            #expect(sized.contains(/Server-Timing: gateway;dur=\d+\.\d{3}, upstream;dur=\d+\.\d{3}\r\n/))
            let chunks = "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nHost: z\r\n\r\n"
            let chunked = try await gateway.exchange(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
            #expect(chunked.hasSuffix("POST /v1/bookings?x=%20 abc"))
        }
    }

    @Test func `a client that waits for 100 gets it once, and its body arrives`() async throws {
        try await TestGateway.run(over: Self.echo) { gateway in
            let client = try await gateway.connect()
            let fields = "Host: h\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            try await client.send("PUT /v1/bookings HTTP/1.1\r\n" + fields)
            let interim = try await client.read(through: "\r\n\r\n")
            #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("abc")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix(" abc"))
            client.connection.close()
        }
    }

    @Test func `a body larger than any buffer passes both ways`() async throws {
        let service = TestGateway.Service.handler { request in
            var count = 0
            while let bytes = try await request.body.next() { count += bytes.count }
            let part = [UInt8](repeating: 7, count: count / 10)
            return Response(
                .ok,
                body: .stream(length: nil) { writer in
                    for _ in 0..<10 { try await writer.write(part) }
                }
            )
        }
        try await TestGateway.run(over: service) { gateway in
            let size = 5_000_000
            let client = HTTPClient()
            let request = ClientRequest(
                .post,
                "/v1/bookings",
                body: .stream(length: UInt64(size)) { writer in
                    for _ in 0..<10 { try await writer.write([UInt8](repeating: 1, count: size / 10)) }
                }
            )
            let origin = Origin(host: "127.0.0.1", port: gateway.server.address.port)
            let answer = try await client.send(request, to: origin, until: .soon)
            let body = try await answer.body.collect(upTo: size)
            #expect(body.count == size && body.allSatisfy { $0 == 7 })
        }
    }

    @Test func `answers without a body end with their head`() async throws {
        let service = TestGateway.Service.handler { request in
            switch request.path {
            case "/v1/bookings/204": Response(.noContent)
            case "/v1/bookings/304": Response(.notModified, [.eTag: "\"x\""])
            default: .text(.ok, "hello")
            }
        }
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            for (request, status) in [
                ("HEAD /v1/bookings", "200"), ("GET /v1/bookings/204", "204"), ("GET /v1/bookings/304", "304"),
            ] {
                try await client.send("\(request) HTTP/1.1\r\nHost: h\r\n\r\n")
                let head = try await client.read(through: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 \(status)"))
                #expect(head.contains("Content-Length: 5\r\n") == (status == "200"))
            }
            try await client.send("GET /v1/bookings HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let rest = try await client.readAll()
            #expect(rest.hasPrefix("HTTP/1.1 200") && rest.hasSuffix("\r\n\r\nhello"))
        }
    }

    @Test func `a service that cannot be reached is 503, a refused token 401`() async throws {
        try await TestGateway.run(over: Self.echo) { gateway in
            let down = try await gateway.request("POST", "/v1/users")
            #expect(down.hasPrefix("HTTP/1.1 503") && down.contains("Retry-After: 1\r\n"))
            #expect(down.contains("\"retryable\":true") && down.contains("X-Request-Id: "))
            let refused = try await gateway.request("GET", "/v1/bookings", "Authorization: Bearer x\r\n")
            #expect(refused.hasPrefix("HTTP/1.1 401") && refused.contains("RateLimit: "))
        }
    }

    @Test func `a 429 tells all that a client needs: when to come back, every limit, and which was exceeded`()
        async throws
    {
        var settings = TestGateway.Settings()
        settings.rules = [
            RateLimitRule("address", scope: .address, quota: 100),
            RateLimitRule("tickets", scope: .address, method: "GET", route: "/v1/bookings/{id}/tickets", quota: 1),
            RateLimitRule("all", scope: .route, route: "/v1/bookings/*", quota: 50, windowSeconds: 600, burst: 5),
        ]
        try await TestGateway.run(settings, over: Self.echo) { gateway in
            let allowed = try await gateway.request("GET", "/v1/bookings/1/tickets")
            #expect(allowed.hasPrefix("HTTP/1.1 200"))
            let policy = #"RateLimit-Policy: "address";q=100;w=60, "tickets";q=1;w=60, "all";q=50;w=600"#
            #expect(allowed.contains(policy + "\r\n"))
            #expect(allowed.contains(#"RateLimit: "address";r=99;t=1, "tickets";r=0;t=60, "all";r=4;t=12"# + "\r\n"))
            let refused = try await gateway.request("GET", "/v1/bookings/2/tickets")
            #expect(refused.hasPrefix("HTTP/1.1 429"))
            #expect(refused.contains(policy + "\r\n") && refused.contains("Retry-After: 60\r\n"))
            #expect(refused.contains("Cache-Control: no-store\r\n"))
            #expect(refused.contains(#""type":"https://iana.org/assignments/http-problem-types#quota-exceeded""#))
            #expect(refused.contains(#""violated-policies":["tickets"]"#))
            let head = try await gateway.request("HEAD", "/v1/bookings/2/tickets")
            #expect(head.hasPrefix("HTTP/1.1 429"))
            // A refused request has not been counted by the other rules.
            let other = try await gateway.request("GET", "/v1/bookings/2/stream")
            #expect(other.hasPrefix("HTTP/1.1 200") && other.contains(#""all";r=3"#))
            let unknown = try await gateway.request("GET", "/v1/nothing")
            #expect(unknown.hasPrefix("HTTP/1.1 404") && unknown.contains(#""address";r=97"#))
            let last = try await gateway.request("GET", "/v1/bookings/3")
            #expect(last.contains(#""address";r=96"#))
        }
    }

    @Test func `events pass while the stream is open, and a client that leaves ends it at the service`() async throws {
        let ended = Waiter<Bool>()
        let service = TestGateway.Service.handler { request in
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
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET /v1/bookings/7/stream HTTP/1.1\r\nHost: h\r\n\r\n")
            let text = try await client.read(through: "data: first\n\n")
            #expect(text.contains("data: first"))
            client.connection.close()
            let hasEnded = try await gateway.loop.wait(for: ended, until: .soon)
            #expect(hasEnded)
        }
    }

    @Test func `a draining gateway ends streams of events whole and lets other answers finish`() async throws {
        let service = TestGateway.Service.handler { request in
            guard request.path.hasSuffix("stream") else {
                return Response(
                    .ok,
                    body: .stream(length: nil) { writer in
                        try await writer.write(Array("part".utf8))
                        try await request.loop.sleep(for: .milliseconds(100))
                        try await writer.write(Array("rest".utf8))
                    }
                )
            }
            return .events(for: request) { stream in
                stream.send(ServerSentEvent(data: "first"))
                try await request.loop.sleep(for: .seconds(60))
            }
        }
        try await TestGateway.run(over: service) { gateway in
            let events = try await gateway.connect()
            try await events.send("GET /v1/bookings/7/stream HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await events.read(through: "data: first\n\n")
            let download = try await gateway.connect()
            try await download.send("GET /v1/bookings HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await download.read(through: "part")
            gateway.server.stop()
            let lastEvents = try await events.readAll()
            #expect(lastEvents.hasSuffix("0\r\n\r\n"))
            let rest = try await download.readAll()
            #expect(rest.contains("rest") && rest.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `an answer that is cut off is not made whole`() async throws {
        struct Broken: Error {}
        let service = TestGateway.Service.handler { _ in
            Response(
                .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array("part".utf8))
                    throw Broken()
                }
            )
        }
        try await TestGateway.run(over: service) { gateway in
            let text = try await gateway.exchange("GET /v1/bookings HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(text.contains("part") && !text.contains("0\r\n\r\n"))
        }
    }
}
