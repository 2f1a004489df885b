import HTTPCore
import HTTPTransport
import Reactor
import Testing

@testable import GatewayService

/// Services that break the rules of HTTP, or die, behind the gateway.
struct MisbehavingUpstreamTests {
    /// A service that answers each head with the same bytes and ends the connection.
    private static func script(_ answer: String) -> TestGateway.Service {
        .raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            try await raw.send(answer)
            await connection.lingeringClose(until: .after(.milliseconds(200)))
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "SMTP ready\r\n\r\n",
        String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 20),
        "",
    ])
    func `what is no answer becomes 502`(answer: String) async throws {
        try await TestGateway.run(over: Self.script(answer)) { gateway in
            let text = try await gateway.request("POST")
            let hints = "HTTP/1.1 103 Early Hints\r\n\r\n"
            var rest = text[...]
            while rest.hasPrefix(hints) { rest = rest.dropFirst(hints.count) }
            #expect(rest.hasPrefix("HTTP/1.1 502"))
            #expect(text.contains("X-Request-Id: "))
        }
    }

    @Test func `a request that may have been worked on is not called retryable`() async throws {
        try await TestGateway.run(over: Self.script("")) { gateway in
            let posted = try await gateway.request("POST")
            #expect(posted.contains("\"retryable\":false"))
            let keyed = try await gateway.request("POST", "/v1/bookings", "Idempotency-Key: 1\r\n")
            #expect(keyed.contains("\"retryable\":true"))
            let read = try await gateway.request("GET")
            #expect(read.contains("\"retryable\":true"))
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ])
    func `an answer that ends too early ends early for the client too`(answer: String) async throws {
        try await TestGateway.run(over: Self.script(answer)) { gateway in
            let text = try await gateway.request()
            #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("abc") && !text.contains("0\r\n\r\n"))
        }
    }

    @Test func `interim answers reach clients of HTTP 1_1 alone, and none is taken for the final one`() async throws {
        let answer =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            + "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
        try await TestGateway.run(over: Self.script(answer)) { gateway in
            let modern = try await gateway.request("POST")
            #expect(modern.hasPrefix("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201"))
            #expect(modern.hasSuffix("\r\n\r\nok"))
            let old = try await gateway.exchange("GET /v1/bookings HTTP/1.0\r\nHost: h\r\n\r\n")
            #expect(old.hasPrefix("HTTP/1.1 201"))
        }
    }

    @Test func `a body until the end of the connection is chunked for the client`() async throws {
        try await TestGateway.run(over: Self.script("HTTP/1.0 200 OK\r\nConnection: X-A\r\nX-A: 1\r\n\r\nabc")) {
            gateway in
            let text = try await gateway.request()
            #expect(text.hasSuffix("3\r\nabc\r\n0\r\n\r\n") && !text.contains("X-A"))
            let old = try await gateway.exchange("GET /v1/bookings HTTP/1.0\r\nHost: h\r\n\r\n")
            #expect(old.hasSuffix("\r\n\r\nabc"))
        }
    }

    @Test func `an early refusal arrives though the service reads no more of the body`() async throws {
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            try await raw.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            // Neither reads nor closes.
            try await connection.loop.sleep(for: .seconds(5))
        }
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            let head = "POST /v1/bookings HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"
            try await client.send(head + String(repeating: "x", count: 100_000))
            let answer = try await client.read(through: "big")
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            client.connection.close()
        }
    }

    @Test func `a dead reused connection costs an idempotent request nothing, and a POST is not sent twice`()
        async throws
    {
        // Each connection answers once and dies with the next request on it.
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            try await raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try await connection.fill(until: .soon)
        }
        try await TestGateway.run(over: service) { gateway in
            let fresh = try await gateway.request()
            #expect(fresh.hasPrefix("HTTP/1.1 200"))
            let repeated = try await gateway.request()
            #expect(repeated.hasPrefix("HTTP/1.1 200"))
            let posted = try await gateway.request("POST")
            #expect(posted.hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test func `bytes behind an answer are never taken for the next one`() async throws {
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
            try await raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + evil)
            _ = try await connection.fill(until: .soon)
        }
        try await TestGateway.run(over: service) { gateway in
            for method in ["GET", "HEAD", "GET"] {
                let text = try await gateway.request(method)
                #expect(!text.contains("evil"))
            }
        }
    }

    @Test func `a service that says nothing is 504, counted from the end of a slow body`() async throws {
        let service = TestGateway.Service.raw { connection in
            while try await connection.fill(until: .soon) { connection.input.consumeAll() }
        }
        var settings = TestGateway.Settings()
        settings.headTimeout = .milliseconds(60)
        try await TestGateway.run(settings, over: service) { gateway in
            let silent = try await gateway.request()
            #expect(silent.hasPrefix("HTTP/1.1 504") && silent.contains("\"retryable\":true"))
            let client = try await gateway.connect()
            try await client.send("POST /v1/bookings HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n")
            for _ in 0..<6 {
                try await gateway.loop.sleep(for: .milliseconds(20))
                #expect(client.connection.isQuiet)
                try await client.send("x")
            }
            let answer = try await client.read(through: "\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 504"))
            client.connection.close()
        }
    }

    @Test func `a client that leaves before the answer ends the request at the service`() async throws {
        let left = Waiter<Void>()
        let service = TestGateway.Service.raw { connection in
            _ = try await RawConnection(connection).read(through: "\r\n\r\n")
            if try await !connection.fill(until: .soon) { left.resume(.success(())) }
        }
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET /v1/bookings HTTP/1.1\r\nHost: h\r\n\r\n")
            try await gateway.loop.sleep(for: .milliseconds(10))
            client.connection.close()
            try await gateway.loop.wait(for: left, until: .soon)
            #expect(!gateway.upstream.breaker.isOpen)
        }
    }

    @Test func `a service that fails again and again is left alone, and tried again later`() async throws {
        let isUp = LoopLocal { _ in false }
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            if isUp[connection.loop] { try await raw.send("HTTP/1.1 204 No Content\r\n\r\n") }
        }
        try await TestGateway.run(over: service) { gateway in
            for _ in 0..<CircuitBreaker.threshold {
                let text = try await gateway.request()
                #expect(text.hasPrefix("HTTP/1.1 502"))
            }
            #expect(gateway.upstream.breaker.isOpen)
            let refused = try await gateway.request()
            #expect(refused.hasPrefix("HTTP/1.1 503") && refused.contains("Retry-After: 1\r\n"))
            isUp[gateway.loop] = true
            while try await !gateway.request().hasPrefix("HTTP/1.1 204") {
                try await gateway.loop.sleep(for: .milliseconds(20))
            }
            #expect(!gateway.upstream.breaker.isOpen)
        }
    }
}
