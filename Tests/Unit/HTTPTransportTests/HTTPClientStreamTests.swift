import HTTPCore
import Reactor
import Testing

@testable import HTTPTransport

private var soon: Deadline { .after(.seconds(5)) }

/// A server whose connections are spoken by `speak`.
private func withServer(
    _ speak: @escaping @Sendable (Connection) async throws -> Void,
    _ body: @escaping @Sendable (Origin, EventLoop) async throws -> Void
) async throws {
    let group = try EventLoopGroup()
    defer { group.shutdown() }
    let loop = group.loops[0]
    try await loop.run {
        let listener = try Listener(try #require(SocketAddress(host: "127.0.0.1", port: 0)), on: group)
        let running = Task(executorPreference: loop) {
            await listener.run(grace: .milliseconds(100)) { try? await speak($0) }
        }
        let result = await Task(executorPreference: loop) {
            try await body(Origin(host: "127.0.0.1", port: listener.address.port), loop)
        }.result
        listener.stop()
        await running.value
        try result.get()
    }
}

extension Connection {
    fileprivate func send(_ text: String) async throws { try await write(Array(text.utf8), until: soon) }

    /// Reads a head and drops it, with what came behind.
    fileprivate func readHead() async throws {
        while !String(decoding: input.slice, as: UTF8.self).contains("\r\n\r\n") { _ = try await fill(until: soon) }
        input.consumeAll()
    }
}

/// Requests whose body is written while the response may already come.
@Suite struct HTTPClientStreamTests {
    @Test func `a response before the end of the body stops its writing and closes the connection`() async throws {
        let ended = Waiter<Void>()
        try await withServer { connection in
            try await connection.readHead()
            try await connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            while try await connection.fill(until: soon) { connection.input.consumeAll() }
            ended.resume(.success(()))
        } _: { origin, loop in
            let stopped = Waiter<Bool>()
            let body = ClientRequest.Body.stream(length: nil) { writer in
                try await writer.write([1])
                do {
                    try await loop.sleep(for: .seconds(60))
                } catch {
                    stopped.resume(.success(error is CancellationError))
                    throw error
                }
            }
            let response = try await HTTPClient().send(ClientRequest(.post, "/", body: body), to: origin, until: soon)
            #expect(response.status == .unauthorized)
            let isStopped = try await loop.wait(for: stopped, until: soon)
            #expect(isStopped)
            try await loop.wait(for: ended, until: soon)
        }
    }

    @Test func `an error of the body's source comes out as it is`() async throws {
        struct Failure: Error {}
        try await withServer { connection in
            while try await connection.fill(until: soon) { connection.input.consumeAll() }
        } _: { origin, _ in
            let body = ClientRequest.Body.stream(length: nil) { _ in throw Failure() }
            await #expect(throws: Failure.self) {
                _ = try await HTTPClient().send(ClientRequest(.post, "/", body: body), to: origin, until: soon)
            }
        }
    }

    @Test func `a body that is shorter than announced fails`() async throws {
        try await withServer { connection in
            while try await connection.fill(until: soon) { connection.input.consumeAll() }
        } _: { origin, _ in
            let body = ClientRequest.Body.stream(length: 2) { try await $0.write([1]) }
            await #expect(throws: BodyWriter.LengthMismatch.self) {
                _ = try await HTTPClient().send(ClientRequest(.post, "/", body: body), to: origin, until: soon)
            }
        }
    }

    @Test func `interim responses are handed on in order`() async throws {
        try await withServer { connection in
            try await connection.readHead()
            try await connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
            try await connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
        } _: { origin, loop in
            let seen = LoopLocal { _ in [Int]() }
            var request = ClientRequest(.get, "/")
            request.onInterim = { seen[loop].append($0.status.code) }
            let response = try await HTTPClient().send(request, to: origin, until: soon)
            #expect(response.status == .noContent)
            #expect(seen[loop] == [102, 103])
        }
    }

    @Test func `the time for a head begins when the request has been sent`() async throws {
        try await withServer { connection in
            while try await connection.fill(until: soon) { connection.input.consumeAll() }
        } _: { origin, loop in
            let body = ClientRequest.Body.stream(length: 5) { writer in
                for _ in 0..<5 {
                    try await loop.sleep(for: .milliseconds(20))
                    try await writer.write([1])
                }
            }
            var request = ClientRequest(.post, "/", body: body)
            request.headTimeout = .milliseconds(50)
            let start = Deadline.after(.zero)
            await #expect(throws: HTTPClientError.timedOut) {
                _ = try await HTTPClient().send(request, to: origin, until: .never)
            }
            #expect(Deadline.after(.zero) >= start.adding(.milliseconds(150)))
        }
    }

    @Test func `requests are sent again for a share of all only`() async throws {
        let asked = LoopLocal { _ in 0 }
        try await withServer { connection in
            // Answers once, and closes when the next request is on its way.
            try await connection.readHead()
            asked[connection.loop] += 1
            try await connection.send("HTTP/1.1 204 No Content\r\n\r\n")
            _ = try await connection.fill(until: soon)
        } _: { origin, loop in
            let client = HTTPClient()
            var failed = 0
            for _ in 0..<60 {
                do {
                    _ = try await client.send(ClientRequest(.get, "/"), to: origin, until: soon)
                } catch HTTPClientError.connectionLost {
                    failed += 1
                }
            }
            // Every second request meets a dead connection: the reserve and a fifth of all are sent again.
            #expect(failed > 0 && failed < 40)
        }
    }

    @Test func `a budget is spent by retries and earned by requests`() {
        var budget = RetryBudget()
        var spent = 0
        while budget.spend() { spent += 1 }
        #expect(spent == Int(RetryBudget.reserve))
        for _ in 0..<Int(1 / RetryBudget.share) + 1 { budget.earn() }
        let (first, second) = (budget.spend(), budget.spend())
        #expect(first && !second)
    }
}
