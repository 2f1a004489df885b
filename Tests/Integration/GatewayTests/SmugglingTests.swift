import HTTPCore
import HTTPTransport
import Reactor
import Testing

@testable import GatewayService

/// Requests that two servers could read in two ways, and what a service behind gets to see.
struct SmugglingTests {
    /// Answers every request and hands on what it was sent.
    private static func recorder(_ seen: LoopLocal<String>) -> TestGateway.Service {
        .raw { connection in
            while try await connection.fill(until: .soon) {
                seen[connection.loop] += String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
                try await connection.write(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8), until: .soon)
            }
        }
    }

    private static let smuggled = "GET /v1/bookings/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test(arguments: [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Content-Length: 0, 44\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length : 0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n",
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "X: a\rTransfer-Encoding: chunked\r\n\r\n",
        "X: a\nContent-Length: 44\r\n\r\n",
        "Host: other\r\n\r\n",
    ])
    func `what has two readings is 400, and no service hears of it or of what follows`(fields: String) async throws {
        let seen = LoopLocal { _ in "" }
        try await TestGateway.run(over: Self.recorder(seen)) { gateway in
            let head = "POST /v1/bookings HTTP/1.1\r\nHost: h\r\n"
            let answer = try await gateway.exchange(head + fields + Self.smuggled)
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(!answer.dropFirst(9).contains("HTTP/1.1"))
            #expect(seen[gateway.loop].isEmpty)
        }
    }

    @Test(arguments: [
        "/v1/bookings/../../internal/x", "/v1/bookings/%2e%2e/x", "/v1/bookings%2f..%2finternal", "//v1/users",
    ])
    func `a path with two readings does not get through`(path: String) async throws {
        let seen = LoopLocal { _ in "" }
        try await TestGateway.run(over: Self.recorder(seen)) { gateway in
            let answer = try await gateway.request("GET", path)
            #expect(answer.hasPrefix("HTTP/1.1 400") || answer.hasPrefix("HTTP/1.1 404"))
            #expect(seen[gateway.loop].isEmpty)
        }
    }

    @Test(arguments: [
        "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFF0\r\nhello\r\n0\r\n\r\n", "1;e=\"v\r\nX\r\n0\r\n\r\n", "5;\n\r\nhello\r\n0\r\n\r\n",
    ])
    func `a chunk with two readings never becomes a whole body`(chunks: String) async throws {
        let seen = LoopLocal { _ in "" }
        try await TestGateway.run(over: Self.recorder(seen)) { gateway in
            let head = "POST /v1/bookings HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answer = try await gateway.exchange(head + chunks + Self.smuggled)
            #expect(answer.hasPrefix("HTTP/1.1 400") && !answer.dropFirst(9).contains("HTTP/1.1"))
            #expect(!seen[gateway.loop].contains("smuggled") && !seen[gateway.loop].contains("\r\n0\r\n\r\n"))
        }
    }

    @Test func `a message is written anew: own framing, no trailers, no fields of the connection`() async throws {
        let seen = LoopLocal { _ in "" }
        try await TestGateway.run(over: Self.recorder(seen)) { gateway in
            let fields =
                "Host: h\r\nConnection: close, X-Drop, Content-Length\r\nX-Drop: 1\r\nX_Forwarded_For: 6.6.6.6\r\n"
                + "Trailer: X-T\r\nTE: trailers\r\nX-User-Id: 1\r\nX-Keep: %0d%0aX:y\r\nTransfer-Encoding: Chunked\r\n\r\n"
            let client = try await gateway.connect()
            try await client.send("POST /v1/bookings?a=%0d%0aX:y HTTP/1.1\r\n" + fields)
            try await client.send("003;x=\"y\"\r\nabc\r\n000\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 204"))
            client.connection.close()
            let text = seen[gateway.loop]
            #expect(text.hasPrefix("POST /v1/bookings?a=%0d%0aX:y HTTP/1.1\r\n"))
            #expect(text.contains("\r\nX-Keep: %0d%0aX:y\r\n") && text.contains("\r\nX-Forwarded-For: 127.0.0.1\r\n"))
            #expect(text.hasSuffix("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
            for gone in ["X-Drop", "X_Forwarded_For", "Trailer", "TE:", "X-User-Id", "X-T:", "Content-Length"] {
                #expect(!text.contains(gone), "\(gone)")
            }
        }
    }
}
