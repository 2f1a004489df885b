import HTTPCore
import HTTPTransport
import Reactor
import Testing

private func origin(_ server: HTTPServer) -> Origin {
    Origin(host: server.address.host, port: server.address.port)
}

private var soon: Deadline { .after(.seconds(5)) }

/// A server that plays a script of bytes: one entry a connection, sent after a head has arrived.
private func withScript(
    _ answers: [String],
    _ body: @escaping @Sendable (Origin, EventLoop) async throws -> Void
) async throws {
    let group = try EventLoopGroup()
    defer { group.shutdown() }
    let loop = group.loops[0]
    try await loop.run {
        let listener = try Listener(try #require(SocketAddress(host: "127.0.0.1", port: 0)), on: group)
        let turn = LoopLocal { _ in 0 }
        let running = Task(executorPreference: loop) {
            await listener.run(grace: .milliseconds(100)) { connection in
                let number = turn[loop]
                turn[loop] += 1
                _ = try? await connection.fill(until: soon)
                guard number < answers.count else { return }
                try? await connection.write(Array(answers[number].utf8), until: soon)
                await connection.lingeringClose(until: .after(.milliseconds(200)))
            }
        }
        let result = Task(executorPreference: loop) {
            try await body(Origin(host: "127.0.0.1", port: listener.address.port), loop)
        }
        let outcome = await result.result
        listener.stop()
        await running.value
        try outcome.get()
    }
}

@Suite struct HTTPClientTests {
    @Test func `requests with bodies of every kind are answered on one connection`() async throws {
        try await withServer(handler: { request in
            let body = try await request.body.collect(upTo: 100_000)
            return .text(.ok, "\(request.method) \(request.head.authority ?? "") \(body.count)")
        }) { server, loop in
            let client = HTTPClient()
            let bodies: [(ClientRequest.Body, Int)] = [
                (.none, 0), (.bytes([1, 2, 3]), 3), (.bytes([UInt8](repeating: 1, count: 50_000)), 50_000),
                (.stream(length: 4) { try await $0.write([1, 2, 3, 4]) }, 4),
                (
                    .stream(length: nil) { writer in
                        for _ in 0..<10 { try await writer.write([1, 2]) }
                    }, 20
                ),
            ]
            for (body, count) in bodies {
                let request = ClientRequest(.post, "/", body: body)
                let response = try await client.send(request, to: origin(server), until: soon)
                let text = try await response.body.collect(upTo: 1000)
                #expect(String(decoding: text, as: UTF8.self) == "POST \(origin(server)) \(count)")
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a response dropped half-read closes its connection`() async throws {
        try await withServer(handler: { _ in
            Response(.ok, body: .bytes([UInt8](repeating: 1, count: 5 << 20)))
        }) { server, loop in
            let client = HTTPClient()
            for _ in 0..<3 {
                let response = try await client.send(ClientRequest(.get, "/"), to: origin(server), until: soon)
                let first = try await response.body.next()
                #expect(first != nil)
            }
            while server.connectionCount > 0 { try await loop.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `an idempotent request survives the death of its pooled connection, a POST does not repeat`()
        async throws
    {
        // The first connection answers once and dies with the next request on it.
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        for method in [HTTPRequest.Method.get, .post] {
            let group = try EventLoopGroup()
            defer { group.shutdown() }
            let loop = group.loops[0]
            try await loop.run {
                let listener = try Listener(try #require(SocketAddress(host: "127.0.0.1", port: 0)), on: group)
                let running = Task(executorPreference: loop) {
                    await listener.run { connection in
                        _ = try? await connection.fill(until: soon)
                        connection.input.consumeAll()
                        try? await connection.write(Array(ok.utf8), until: soon)
                        _ = try? await connection.fill(until: soon)
                    }
                }
                let client = HTTPClient()
                let target = Origin(host: "127.0.0.1", port: listener.address.port)
                let first = try await client.send(ClientRequest(.get, "/"), to: target, until: soon)
                _ = try await first.body.collect(upTo: 10)
                if method == .get {
                    let second = try await client.send(ClientRequest(method, "/"), to: target, until: soon)
                    #expect(second.status == .ok)
                    second.close()
                } else {
                    await #expect(throws: HTTPClientError.connectionLost) {
                        _ = try await client.send(ClientRequest(method, "/"), to: target, until: soon)
                    }
                }
                listener.stop()
                await running.value
            }
        }
    }

    @Test func `interim responses are skipped`() async throws {
        let script = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx"
        try await withScript([script]) { target, _ in
            let response = try await HTTPClient().send(ClientRequest(.put, "/"), to: target, until: soon)
            #expect(response.status == .created)
            let body = try await response.body.collect(upTo: 10)
            #expect(body == Array("x".utf8))
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "SMTP ready\r\n\r\n",
    ])
    func `a response that could be read in two ways is refused`(script: String) async throws {
        try await withScript([script]) { target, _ in
            await #expect(throws: HTTPClientError.self) {
                _ = try await HTTPClient().send(ClientRequest(.get, "/"), to: target, until: soon)
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ])
    func `a body that is cut off is never taken for whole`(script: String) async throws {
        try await withScript([script]) { target, _ in
            let response = try await HTTPClient().send(ClientRequest(.get, "/"), to: target, until: soon)
            await #expect(throws: BodyError.malformed(.truncated)) {
                _ = try await response.body.collect(upTo: 100)
            }
        }
    }

    @Test func `a silent server runs into the deadline`() async throws {
        try await withServer(handler: { request in
            try await request.loop.sleep(for: .milliseconds(200))
            return .text(.ok, "late")
        }) { server, loop in
            await #expect(throws: HTTPClientError.timedOut) {
                let deadline = Deadline.after(.milliseconds(20))
                _ = try await HTTPClient().send(ClientRequest(.get, "/"), to: origin(server), until: deadline)
            }
        }
    }

    @Test func `a request given up from beside closes its connection and spares later ones`() async throws {
        try await withServer(handler: { request in
            if request.path == "/slow" {
                let left = Waiter<Void>()
                request.onHangup { left.resume(.success(())) }
                try await request.loop.wait(for: left, until: soon)
            }
            return .text(.ok, "done")
        }) { server, loop in
            let client = HTTPClient()
            let quick = ClientCancellation()
            var request = ClientRequest(.get, "/quick")
            request.cancellation = quick
            let first = try await client.send(request, to: origin(server), until: soon)
            _ = try await first.body.collect(upTo: 10)
            quick.cancel()
            let slow = ClientCancellation()
            request = ClientRequest(.get, "/slow")
            request.cancellation = slow
            let shared = LoopBound(slow, to: loop)
            Task(executorPreference: loop) {
                try await loop.sleep(for: .milliseconds(10))
                shared.value.cancel()
            }
            await #expect(throws: (any Error).self) {
                _ = try await client.send(request, to: origin(server), until: soon)
            }
            while server.connectionCount > 0 { try await loop.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `nobody listening is a failed connection`() async throws {
        try await withScript([]) { _, _ in
            do {
                let nobody = Origin(host: "localhost", port: 1)
                _ = try await HTTPClient().send(ClientRequest(.get, "/"), to: nobody, until: soon)
                Issue.record("connected")
            } catch HTTPClientError.connectFailed(let failure) {
                #expect(failure.description.contains("refused"))
            }
        }
    }

    @Test func `an upgrade passes through a proxy to the upstream`() async throws {
        let client = HTTPClient()
        try await withServer(handler: { request in
            if request.path == "/upstream" {
                return Response(
                    .switchingProtocols,
                    [.upgrade: "echo"],
                    body: .upgrade { connection in
                        while try await connection.fill(toHold: 1, until: soon) {
                            try await connection.write(connection.input.take(100), until: soon)
                        }
                    }
                )
            }
            var upstream = ClientRequest(.get, "/upstream", [.upgrade: "echo"])
            upstream.wantsUpgrade = true
            let target = try #require(Origin("http://\(request.head.authority ?? "")"))
            let response = try await client.send(upstream, to: target, until: soon)
            let tunnel = try #require(response.takeUpgraded())
            return Response(
                .switchingProtocols,
                response.headerFields,
                body: .upgrade { connection in
                    await WebSocketTunnel(client: connection, service: tunnel).run()
                }
            )
        }) { server, loop in
            let raw = try await RawClient(server, loop)
            let fields = "Host: \(server.address)\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
            try await raw.send("GET /proxy HTTP/1.1\r\n\(fields)")
            let head = try await raw.read(through: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            try await raw.send("ping")
            let echoed = try await raw.read(through: "ping")
            #expect(echoed == "ping")
            raw.connection.close()
        }
    }

    @Test(arguments: [
        ("http://user:8101", "user:8101"), ("http://127.0.0.1/", "127.0.0.1:80"), ("http://[::1]:81", "[::1]:81"),
    ])
    func `an origin is read from a URL`(url: String, expected: String) {
        #expect(Origin(url)?.description == expected)
    }

    @Test(arguments: ["https://h", "http://", "http://h/path", "http://u@h", "http://h:0", "http://h:99999", "h:80"])
    func `what is no origin is refused`(url: String) {
        #expect(Origin(url) == nil)
    }
}
