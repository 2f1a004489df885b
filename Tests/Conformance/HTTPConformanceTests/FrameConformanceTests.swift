import HTTPCore
import HTTPTransport
import Reactor
import TestSupport
import Testing

/// Every case of frames at our server, and at the same server behind the gateway's tunnel.
@Suite(.serialized) struct FrameConformanceTests {
    private static let path = "/v1/notifications/ws"

    /// Runs `body` beside a server that echoes every message.
    private func withEcho(_ body: @escaping @Sendable (SocketAddress, EventLoop) async throws -> Void) async throws {
        var options = WebSocket.Options()
        options.messageBytes = FrameCase.messageLimit
        options.outgoingBytes = 2 * FrameCase.messageLimit
        let settings = options
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let server = try HTTPServer(any, on: group) { request in
                WebSocket.upgrade(request, options: settings) { socket in
                    for await message in socket { socket.send(message) }
                }
            }
            let running = Task(executorPreference: loop) { await server.run() }
            let result = await Task(executorPreference: loop) { try await body(server.address, loop) }.result
            server.stop()
            await running.value
            try result.get()
        }
    }

    /// What comes back for frames sent in pieces of at most `step` bytes, until the server ends the connection.
    private func answers(
        to bytes: [UInt8],
        step: Int,
        _ address: SocketAddress,
        _ loop: EventLoop
    ) async throws -> [WebSocketEvent] {
        let connection = try await Connection.connect(to: address, on: loop, until: .soon)
        defer { connection.close() }
        let fields =
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        try await connection.write(Array(RequestCase.next(Self.path, fields).utf8), until: .soon)
        var parser = ResponseHeadParser(to: .get)
        while true {
            let input = connection.input.bytes
            if let (head, consumed) = try parser.parse(input.span.extracting(connection.input.readable)) {
                #expect(head.response.status == .switchingProtocols)
                connection.input.consume(consumed)
                break
            }
            guard try await connection.fill(toHold: connection.input.count + 1, until: .soon) else { return [] }
        }
        do {
            for start in stride(from: 0, to: bytes.count, by: step) {
                try await connection.write(Array(bytes[start..<min(start + step, bytes.count)]), until: .soon)
                if step < bytes.count { try await loop.yield() }
            }
        } catch ConnectionError.failed {
            // Refused meanwhile: the reason is there to read.
        }
        var receiver = WebSocketReceiver(role: .client, maximumMessageBytes: FrameCase.messageLimit)
        var events: [WebSocketEvent] = []
        repeat {
            events += receiver.receive(connection.input.take(connection.input.count).span)
        } while try await connection.fill(until: .soon)
        return events
    }

    private func check(_ address: SocketAddress, _ loop: EventLoop) async throws {
        for sample in FrameCase.all {
            for step in [
                sample.bytes.count, sample.bytes.count < 300 ? 1 : sample.bytes.count < 1 << 20 ? 997 : 65_537,
            ] {
                var events = try await answers(to: sample.bytes, step: step, address, loop)
                let last = events.popLast()
                guard case .close(let code, _)? = last else {
                    Issue.record("\(sample.name), \(step) bytes at once: ends with \(String(describing: last))")
                    continue
                }
                #expect(code == sample.code, "\(sample.name), \(step) bytes at once")
                let isSame = events == sample.echoes
                #expect(isSame, "\(sample.name), \(step) bytes at once: \(events.count) answers")
            }
        }
    }

    @Test func `our server answers every frame as the suite of Autobahn asks`() async throws {
        try await withEcho { address, loop in try await check(address, loop) }
    }

    @Test func `through the gateway every frame is answered the same`() async throws {
        try await withEcho { address, loop in
            let gateway = try await startGateway(over: address)
            let front = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            try await check(front, loop)
        }
    }
}
