import HTTPCore
import HTTPTransport
import Reactor
import Testing

/// Answers with the method, the path and the body.
@Sendable private func mirror(_ request: Request) async throws -> Response {
    let body = try await request.body.collect(upTo: 1000)
    return .text(.ok, "\(request.method) \(request.path) \(String(decoding: body, as: UTF8.self))")
}

@Suite struct HTTPServerTests {
    @Test func `a request is answered and the connection kept until the client ends`() async throws {
        try await withServer(handler: mirror) { server, loop in
            let answer = try await exchange("GET /a?b=1 HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nGET /a?b=1 "))
            #expect(answer.contains("Content-Length: 11\r\n"))
            #expect(answer.contains("\r\nDate: "))
            #expect(!answer.contains("Connection:"))
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await withServer(handler: mirror) { server, loop in
            let answer = try await exchange(
                "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
                server,
                loop
            )
            #expect(answer.occurrences(of: "HTTP/1.1 200 OK") == 2)
            #expect(answer.contains("POST /1 abcHTTP/1.1 200"))
            #expect(answer.hasSuffix("GET /2 "))
        }
    }

    @Test func `a request that comes byte by byte is understood`() async throws {
        try await withServer(handler: mirror) { server, loop in
            let client = try await RawClient(server, loop)
            let text =
                "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e=v\r\nde\r\n0\r\n\r\n"
            for character in text.unicodeScalars {
                try await client.send(String(character))
                try await loop.yield()
            }
            let answer = try await client.read(through: "abcde")
            #expect(answer.hasSuffix("POST /x abcde"))
        }
    }

    @Test func `connection close and HTTP 1.0 end the connection after one answer`() async throws {
        try await withServer(handler: mirror) { server, loop in
            for request in [
                "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
            ] {
                let client = try await RawClient(server, loop)
                try await client.send(request)
                let answer = try await client.readAll()
                #expect(answer.occurrences(of: "HTTP/1.1 200 OK") == 1)
                #expect(answer.contains("Connection: close\r\n"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n", "431"),
        ("GET /\(String(repeating: "x", count: 40_000)) HTTP/1.1\r\nHost: h\r\n\r\n", "414"),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "413"),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\nContent-Length: 1\r\n\r\nx", "417"),
    ])
    func `what cannot be served gets its status once and the connection ends`(
        request: String,
        status: String
    ) async throws {
        try await withServer(handler: mirror) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send(request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.occurrences(of: "HTTP/1.1 ") == 1)
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test func `a waiting client is told to continue only when the body is read`() async throws {
        try await withServer(handler: { request in
            if request.path == "/refuse" { return .text(.forbidden, "no") }
            return try await mirror(request)
        }) { server, loop in
            let head = " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            let client = try await RawClient(server, loop)
            try await client.send("POST /read" + head)
            let interim = try await client.read(through: "\r\n\r\n")
            #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hi")
            let answer = try await client.read(through: "/read hi")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            try await client.send("POST /refuse" + head)
            let refusal = try await client.readAll()
            #expect(refusal.hasPrefix("HTTP/1.1 403 "))
            #expect(refusal.contains("Connection: close\r\n"))
        }
    }

    @Test func `HEAD has the fields of GET and no body`() async throws {
        try await withServer(handler: { _ in .text(.ok, "12345") }) { server, loop in
            let answer = try await exchange("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(answer.contains("Content-Length: 5\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a small unread body is skipped, a large one ends the connection`() async throws {
        try await withServer(handler: { _ in .text(.ok, "done") }) { server, loop in
            let small = try await exchange(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                server,
                loop
            )
            #expect(small.occurrences(of: "HTTP/1.1 200 OK") == 2)
            let client = try await RawClient(server, loop)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nGET / HTTP/1.1\r\n\r\n")
            let large = try await client.readAll()
            #expect(large.occurrences(of: "HTTP/1.1 ") == 1)
            #expect(large.contains("Connection: close\r\n"))
        }
    }

    @Test func `a streamed body is chunked, and cut off when its writer fails`() async throws {
        struct Broken: Error {}
        try await withServer(handler: { request in
            Response(
                .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array("abc".utf8))
                    if request.path == "/broken" { throw Broken() }
                    try await writer.write(Array("defg".utf8))
                }
            )
        }) { server, loop in
            let whole = try await exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(whole.hasSuffix("\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"))
            #expect(whole.contains("Transfer-Encoding: chunked\r\n"))
            let broken = try await exchange("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(broken.hasSuffix("\r\n\r\n3\r\nabc\r\n"))
            let old = try await exchange("GET / HTTP/1.0\r\n\r\n", server, loop)
            #expect(old.hasSuffix("\r\n\r\nabcdefg"))
            #expect(old.contains("Connection: close\r\n"))
        }
    }

    @Test func `a body of megabytes streams through without being collected`() async throws {
        try await withServer(handler: { request in
            let length = request.body.length
            return Response(
                .ok,
                body: .stream(length: length) { writer in
                    while let bytes = try await request.body.next() { try await writer.write(bytes) }
                }
            )
        }) { server, loop in
            let client = try await RawClient(server, loop)
            let size = 8 << 20
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n")
            let shared = LoopBound(client, to: loop)
            let writing = Task(executorPreference: loop) {
                let body = [UInt8](repeating: 7, count: size)
                try await shared.value.connection.write(body, until: .after(.seconds(20)))
            }
            let head = try await client.read(through: "\r\n\r\n")
            #expect(head.contains("Content-Length: \(size)\r\n"))
            var received = 0
            while try await client.connection.fill(until: .after(.seconds(20))) {
                received += client.connection.input.count
                client.connection.input.consumeAll()
            }
            #expect(received == size)
            try await writing.value
        }
    }

    @Test func `a slow head gets 408 at its deadline`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.headTimeout = .milliseconds(30)
        try await withServer(configuration: configuration, handler: mirror) { server, loop in
            let slow = try await RawClient(server, loop)
            try await slow.send("GET / HT")
            let answer = try await slow.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `an idle connection ends without a word`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.keepAliveTimeout = .milliseconds(30)
        try await withServer(configuration: configuration, handler: mirror) { server, loop in
            let idle = try await RawClient(server, loop)
            let nothing = try await idle.readAll()
            #expect(nothing.isEmpty)
        }
    }

    @Test func `a body that stops gets 408`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.bodyTimeout = .milliseconds(30)
        try await withServer(configuration: configuration, handler: mirror) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a stop lets the request under way finish and closes its connection`() async throws {
        let begun = Waiter<Void>()
        let release = Waiter<Void>()
        try await withServer(handler: { _ in
            begun.resume(.success(()))
            try await release.wait()
            return .text(.ok, "late")
        }) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            try await begun.wait()
            server.stop()
            release.resume(.success(()))
            let answer = try await client.readAll()
            #expect(answer.hasSuffix("late"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test func `an upgrade hands over the connection with what was sent early`() async throws {
        try await withServer(handler: { _ in
            Response(
                .switchingProtocols,
                [.upgrade: "echo"],
                body: .upgrade { connection in
                    while try await connection.fill(toHold: 1, until: .after(.seconds(5))) {
                        try await connection.write(connection.input.take(100), until: .after(.seconds(5)))
                    }
                }
            )
        }) { server, loop in
            let head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
            let answer = try await exchange(head + "early", server, loop)
            #expect(answer.hasPrefix("HTTP/1.1 101 "))
            #expect(answer.contains("Connection: upgrade\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nearly"))
            let plain = try await exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(plain.hasPrefix("HTTP/1.1 500 "))
        }
    }

    @Test func `a thrown error becomes a response`() async throws {
        struct Odd: Error {}
        struct Teapot: ResponseConvertible {
            var response: Response { .text(.gone, "gone") }
        }
        try await withServer(handler: { request in
            if request.path == "/known" { throw Teapot() }
            throw Odd()
        }) { server, loop in
            let known = try await exchange("GET /known HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(known.hasPrefix("HTTP/1.1 410 "))
            let unknown = try await exchange("GET /odd HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(unknown.hasPrefix("HTTP/1.1 500 "))
            #expect(!unknown.contains("Odd"))
        }
    }
}
