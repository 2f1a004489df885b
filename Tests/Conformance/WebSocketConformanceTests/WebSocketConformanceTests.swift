import HTTPCore
import HTTPTransport
import Reactor
import System
import TestSupport
import Testing

/// Our WebSocket server under the client of another implementation: the Python package `websockets`.
struct WebSocketConformanceTests {
    /// Runs a Python program against an echo server; the program gets the server's address as its argument.
    private func run(_ program: String) async throws -> String {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        var options = WebSocket.Options()
        options.messageBytes = 4 << 20
        let settings = options
        let server = try HTTPServer(address, on: group) { request in
            WebSocket.upgrade(request, protocols: ["chat.v1"], options: settings) { socket in
                for await message in socket {
                    if message == .text("close me") { socket.close(.unauthorized, reason: "session revoked") }
                    socket.send(message)
                }
            }
        }
        let running = Task(executorPreference: loop) { await server.run() }
        let result = try await Command.python(program, ["ws://\(server.address)/"])
        server.stop()
        await running.value
        #expect(result.status.isSuccess, "\(result.output)")
        return result.output
    }

    @Test func `messages of all lengths and kinds come back`() async throws {
        let output = try await run(
            """
            import sys
            from websockets.sync.client import connect
            with connect(sys.argv[1], subprotocols=["x", "chat.v1"], max_size=None) as socket:
                assert socket.subprotocol == "chat.v1"
                for length in [0, 1, 125, 126, 127, 65535, 65536, 1000003]:
                    socket.send(b"\\x01" * length)
                    assert socket.recv() == b"\\x01" * length
                    socket.send("é" * length)
                    assert socket.recv() == "é" * length
                socket.send(iter(["frag", "ment", "ed"]))
                assert socket.recv() == "fragmented"
                assert socket.ping(b"x").wait(5)
            print(socket.close_code)
            """
        )
        #expect(output == "1000\n")
    }

    @Test func `our close code and reason reach the other side`() async throws {
        let output = try await run(
            """
            import sys
            from websockets.sync.client import connect
            from websockets.exceptions import ConnectionClosed
            with connect(sys.argv[1]) as socket:
                socket.send("close me")
                try:
                    socket.recv()
                except ConnectionClosed as closed:
                    print(closed.rcvd.code, closed.rcvd.reason, closed.rcvd_then_sent)
            """
        )
        #expect(output == "4401 session revoked True\n")
    }

    @Test func `a message beyond the limit is answered with 1009`() async throws {
        let output = try await run(
            """
            import sys
            from websockets.sync.client import connect
            from websockets.exceptions import ConnectionClosed
            with connect(sys.argv[1]) as socket:
                try:
                    socket.send(b"x" * (4 * 1024 * 1024 + 1))
                    socket.recv()
                except ConnectionClosed as closed:
                    print(closed.rcvd.code)
            """
        )
        #expect(output == "1009\n")
    }
}
