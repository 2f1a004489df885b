import HTTPCore
import HTTPTransport
import Reactor
import Testing

struct WebSocketTests {
    /// Serves sockets at every path with `session` and runs `body` on the same loop.
    private func withSocketServer(
        options: WebSocket.Options = WebSocket.Options(),
        _ session: @escaping @Sendable (WebSocket) async throws -> Void,
        _ body: @escaping @Sendable (HTTPServer, EventLoop) async throws -> Void
    ) async throws {
        let handler: Handler = { request in
            WebSocket.upgrade(request, protocols: ["chat.v1"], options: options, session)
        }
        try await withServer(handler: handler, body)
    }

    private static let echo: @Sendable (WebSocket) async throws -> Void = { socket in
        for await message in socket { socket.send(message) }
    }

    @Test func `messages go both ways until the client closes`() async throws {
        try await withSocketServer(Self.echo) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/", protocols: ["x", "chat.v1"]) {
                socket in
                #expect(socket.subprotocol == "chat.v1")
                socket.send("héllo")
                socket.send(.binary([UInt8](repeating: 7, count: 60_000)))
                #expect(await socket.next() == .text("héllo"))
                #expect(await socket.next() == .binary([UInt8](repeating: 7, count: 60_000)))
                socket.close(.normal)
                #expect(await socket.next() == nil)
                #expect(socket.closeCode == .normal)
            }
        }
    }

    @Test func `a socket closed from another thread tells the peer why`() async throws {
        let opened = Waiter<WebSocket>()
        let session: @Sendable (WebSocket) async throws -> Void = { socket in
            opened.resume(.success(socket))
            while await socket.next() != nil {}
            #expect(socket.closeCode == .unauthorized)
        }
        try await withSocketServer(session) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/") { client in
                let socket = try await opened.wait()
                await Task.detached {
                    socket.send("last words")
                    socket.close(.unauthorized, reason: "session revoked")
                    #expect(!socket.send("too late"))
                }.value
                #expect(await client.next() == .text("last words"))
                #expect(await client.next() == nil)
                #expect(client.closeCode == .unauthorized)
            }
        }
    }

    @Test func `a slow reader is closed with 4408`() async throws {
        var options = WebSocket.Options()
        options.outgoingBytes = 10_000
        let code = Waiter<WebSocketCloseCode>()
        let session: @Sendable (WebSocket) async throws -> Void = { socket in
            let large = [UInt8](repeating: 1, count: 9000)
            while socket.send(.binary(large)) {}
            while await socket.next() != nil {}
            code.resume(.success(socket.closeCode ?? .noStatus))
        }
        try await withSocketServer(options: options, session) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/") { client in
                while await client.next() != nil {}
                #expect(client.closeCode == .slowConsumer)
            }
            #expect(try await code.wait() == .slowConsumer)
        }
    }

    @Test func `a silent peer is asked and then left`() async throws {
        var options = WebSocket.Options()
        options.pingInterval = .milliseconds(30)
        options.pongTimeout = .milliseconds(60)
        options.closeTimeout = .milliseconds(50)
        let ended = Waiter<WebSocketCloseCode>()
        let session: @Sendable (WebSocket) async throws -> Void = { socket in
            while await socket.next() != nil {}
            ended.resume(.success(socket.closeCode ?? .noStatus))
        }
        try await withSocketServer(options: options, session) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send(Self.handshake)
            _ = try await client.read(through: "\r\n\r\n")
            #expect(try await client.connection.fill(toHold: 2, until: .after(.seconds(5))))
            #expect(client.connection.input.take(2) == [0x89, 0])
            #expect(try await ended.wait() == .abnormal)
        }
    }

    @Test func `a peer that breaks the protocol hears 1002`() async throws {
        try await withSocketServer(Self.echo) { server, loop in
            let client = try await RawClient(server, loop)
            try await client.send(Self.handshake)
            _ = try await client.read(through: "\r\n\r\n")
            try await client.connection.write([0x81, 1, 0x61], until: .after(.seconds(5)))
            #expect(try await client.connection.fill(toHold: 4, until: .after(.seconds(5))))
            #expect(client.connection.input.take(4) == [0x88, 2, 0x03, 0xEA])
        }
    }

    @Test func `messages beyond the limit are refused with 1009`() async throws {
        var options = WebSocket.Options()
        options.messageBytes = 100
        try await withSocketServer(options: options, Self.echo) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/") { client in
                client.send(.binary([UInt8](repeating: 1, count: 101)))
                #expect(await client.next() == nil)
                #expect(client.closeCode == .messageTooBig)
            }
        }
    }

    @Test func `a server that stops says 1001`() async throws {
        try await withSocketServer(Self.echo) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/") { client in
                client.send("a")
                #expect(await client.next() == .text("a"))
                server.stop()
                #expect(await client.next() == nil)
                #expect(client.closeCode == .goingAway)
            }
        }
    }

    @Test func `an error in the session is 1011`() async throws {
        struct Failure: Error {}
        try await withSocketServer({ _ in throw Failure() }) { server, loop in
            try await WebSocket.connect(to: server.address, on: loop, path: "/") { client in
                #expect(await client.next() == nil)
                #expect(client.closeCode == .internalError)
            }
        }
    }

    @Test func `what is no handshake is refused`() async throws {
        try await withSocketServer(Self.echo) { server, loop in
            let plain = try await exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(plain.hasPrefix("HTTP/1.1 400"))
            let version = Self.handshake.replacing("Version: 13", with: "Version: 8")
            let refused = try await exchange(version, server, loop)
            #expect(refused.hasPrefix("HTTP/1.1 426") && refused.contains("Sec-WebSocket-Version: 13\r\n"))
        }
    }

    private static let handshake = """
        GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
        """
}
