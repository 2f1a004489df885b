import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import Testing

@Suite struct ServedRequestTests {
    /// What a server told.
    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
        @Sendable func take(_ served: ServedRequest) {
            let path = served.request?.path ?? "?"
            let size = "\(served.receivedBytes) in, \(served.sentBytes > 0 ? "some" : "none") out"
            let line = "\(path) \(served.status.code) \(served.isComplete ? "whole" : "cut off") \(size)"
            lines.withLock { $0.append(line) }
        }
    }

    @Test func `a server tells of every request after its response, broken ones too`() async throws {
        struct Broken: Error {}
        let told = Told()
        let handler: Handler = { request in
            switch request.path {
            case "/broken":
                return Response(
                    .ok,
                    body: .stream(length: nil) { writer in
                        try await writer.write(Array("part".utf8))
                        throw Broken()
                    }
                )
            case "/socket":
                return WebSocket.upgrade(request, protocols: []) { socket in
                    while await socket.next() != nil {}
                }
            default:
                _ = try await request.body.collect(upTo: 100)
                return .text(.ok, "answer")
            }
        }
        try await withServer(observer: told.take, handler: handler) { server, loop in
            let post = "POST /post HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
            _ = try await exchange(post + "GET /get HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            _ = try await exchange("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            _ = try await exchange("GET / HTTP/7.0\r\nHost: h\r\n\r\n", server, loop)
            try await WebSocket.connect(to: server.address, on: loop, path: "/socket") { socket in
                socket.send("hi")
                socket.close(.normal)
            }
            while told.lines.withLock(\.count) < 5 { try await loop.sleep(for: .milliseconds(5)) }
        }
        let lines = told.lines.withLock(\.self)
        #expect(lines[0] == "/post 200 whole 3 in, some out")
        #expect(lines[1] == "/get 200 whole 0 in, some out")
        #expect(lines[2] == "/broken 200 cut off 0 in, some out")
        #expect(lines[3] == "? 505 whole 0 in, some out")
        // Two masked frames: 6 + 2 bytes of text, 6 + 2 of the close code.
        #expect(lines[4] == "/socket 101 whole 16 in, some out")
    }
}
