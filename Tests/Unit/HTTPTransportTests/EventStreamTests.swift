import HTTPCore
import HTTPTransport
import Reactor
import Testing

struct EventStreamTests {
    @Test func `events reach the client as they come and the response ends with the producer`() async throws {
        let handler: Handler = { request in
            let start = Int(request.lastEventID ?? "0") ?? 0
            return .events(for: request) { stream in
                for number in start + 1...start + 2 {
                    stream.send(ServerSentEvent(id: "\(number)", event: "tick", data: "n"))
                    try await request.loop.yield()
                }
            }
        }
        try await withServer(handler: handler) { server, loop in
            let text = try await exchange("GET / HTTP/1.1\r\nHost: h\r\nLast-Event-ID: 4\r\n\r\n", server, loop)
            #expect(text.contains("Content-Type: text/event-stream\r\n"))
            #expect(text.contains("id: 5\nevent: tick\ndata: n\n\n"))
            #expect(text.contains("id: 6\n"))
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `the producer is cancelled when the client leaves`() async throws {
        let ended = Waiter<Bool>()
        let handler: Handler = { request in
            .events(for: request) { stream in
                stream.send(ServerSentEvent(data: "first"))
                do {
                    try await request.loop.sleep(for: .seconds(60))
                } catch {
                    ended.resume(.success(stream.isOver))
                    throw error
                }
            }
        }
        try await withServer(handler: handler) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.read(through: "data: first\n\n")
            client.connection.close()
            #expect(try await ended.wait())
        }
    }

    @Test func `a server that stops ends its streams`() async throws {
        let handler: Handler = { request in
            .events(for: request) { stream in
                stream.send(ServerSentEvent(data: "first"))
                try await request.loop.sleep(for: .seconds(60))
            }
        }
        try await withServer(handler: handler) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.read(through: "data: first\n\n")
            server.stop()
            #expect(try await client.readAll().hasSuffix("0\r\n\r\n"))
        }
    }
}
