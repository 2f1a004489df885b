import HTTPCore
import HTTPTransport
import Reactor
import Testing

@testable import GatewayService

/// WebSockets through the gateway.
struct TunnelTests {
    private func connect(
        _ gateway: TestGateway,
        _ body: (WebSocket) async throws -> Void
    ) async throws {
        let address = gateway.server.address
        try await WebSocket.connect(
            to: address,
            on: gateway.loop,
            path: "/v1/notifications/ws",
            protocols: ["chat.v1"],
            body
        )
    }

    @Test func `messages pass both ways, and the close code of a revoked session arrives`() async throws {
        let service = TestGateway.Service.handler { request in
            WebSocket.upgrade(request, protocols: ["chat.v1"]) { socket in
                guard let first = await socket.next() else { return }
                socket.send(first)
                socket.close(.unauthorized, reason: "session revoked")
                while await socket.next() != nil {}
            }
        }
        try await TestGateway.run(over: service) { gateway in
            try await connect(gateway) { socket in
                #expect(socket.subprotocol == "chat.v1")
                socket.send("hello")
                #expect(await socket.next() == .text("hello"))
                #expect(await socket.next() == nil)
                #expect(socket.closeCode == .unauthorized)
            }
        }
    }

    @Test func `a service's close frame reaches a client that goes on sending, though the service is gone`()
        async throws
    {
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            try await raw.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
            // Close, 4401, and at once the end of the connection.
            try await connection.write([0x88, 2, 0x11, 0x31], until: .soon)
        }
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            let fields = "Host: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
            try await client.send("GET /v1/notifications/ws HTTP/1.1\r\n" + fields)
            _ = try await client.read(through: "\r\n\r\n")
            for _ in 0..<20 {
                // The gateway may have ended already.
                try? await client.send("\u{81}\u{01}")
                try await gateway.loop.sleep(for: .milliseconds(1))
            }
            #expect(try await client.connection.fill(toHold: 4, until: .soon))
            #expect(client.connection.input.take(4) == [0x88, 2, 0x11, 0x31])
            client.connection.close()
        }
    }

    @Test func `both sides of a tunnel hear 1001 when the gateway drains`() async throws {
        let heard = Waiter<WebSocketCloseCode?>()
        let service = TestGateway.Service.handler { request in
            WebSocket.upgrade(request, protocols: ["chat.v1"]) { socket in
                while let message = await socket.next() { socket.send(message) }
                heard.resume(.success(socket.closeCode))
            }
        }
        try await TestGateway.run(over: service) { gateway in
            try await connect(gateway) { socket in
                socket.send("hello")
                #expect(await socket.next() == .text("hello"))
                gateway.server.stop()
                #expect(await socket.next() == nil)
                #expect(socket.closeCode == .goingAway)
            }
            let code = try await gateway.loop.wait(for: heard, until: .soon)
            #expect(code == .goingAway)
        }
    }

    @Test func `a frame under way when the gateway drains is finished before the close frame`() async throws {
        let drained = Waiter<Void>()
        let service = TestGateway.Service.raw { connection in
            let raw = RawConnection(connection)
            _ = try await raw.read(through: "\r\n\r\n")
            try await raw.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
            try await connection.write([0x81, 5, 0x68, 0x65], until: .soon)
            try await connection.loop.wait(for: drained, until: .soon)
            // The rest of the frame, and one that comes too late.
            try await connection.write([0x6C, 0x6C, 0x6F], until: .soon)
            try await connection.loop.sleep(for: .milliseconds(20))
            try await connection.write([0x81, 1, 0x78], until: .soon)
            while try await connection.fill(until: .soon) { connection.input.consumeAll() }
        }
        try await TestGateway.run(over: service) { gateway in
            let client = try await gateway.connect()
            let fields = "Host: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
            try await client.send("GET /v1/notifications/ws HTTP/1.1\r\n" + fields)
            _ = try await client.read(through: "\r\n\r\n")
            #expect(try await client.connection.fill(toHold: 4, until: .soon))
            gateway.server.stop()
            try await gateway.loop.sleep(for: .milliseconds(20))
            drained.resume(.success(()))
            let goodbye = WebSocketFrame.closePayload(.goingAway, reason: "the server stops")
            let expected =
                Array("\u{81}\u{05}hello".unicodeScalars.map { UInt8($0.value) })
                + WebSocketFrame.encode(.close, goodbye.span)
            while try await client.connection.fill(toHold: client.connection.input.count + 1, until: .soon) {}
            #expect(client.connection.input.take(1000) == expected)
            client.connection.close()
        }
    }

    @Test func `a service that refuses the upgrade is heard, and bytes behind it stay HTTP`() async throws {
        try await TestGateway.run(over: .handler { _ in .text(.forbidden, "no") }) { gateway in
            let client = try await gateway.connect()
            let fields = "Host: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
            let next = "GET /v1/nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            try await client.send("GET /v1/notifications/ws HTTP/1.1\r\n" + fields + next)
            let answers = try await client.readAll()
            #expect(answers.hasPrefix("HTTP/1.1 403") && answers.contains("HTTP/1.1 404"))
            client.connection.close()
        }
    }
}
