import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// Clients that are slow, silent or deaf: each is cut at its deadline, and costs little until then.
@Suite(.serialized) struct SlowClientTests {
    private static let deadline = Duration.milliseconds(300)
    /// Deadlines are met when the client is cut in less than this.
    private static let patience = Duration.seconds(5)

    private static var impatient: HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.headTimeout = deadline
        configuration.bodyTimeout = deadline
        configuration.writeTimeout = deadline
        configuration.keepAliveTimeout = deadline
        configuration.lingerTimeout = deadline
        return configuration
    }

    /// Sends a byte every 20 ms until the server has ended the connection; what it answered.
    private func drip(_ text: String, _ address: SocketAddress, _ loop: EventLoop) async throws -> String {
        let connection = try await Connection.connect(to: address, on: loop, until: .soon)
        defer { connection.close() }
        do {
            for byte in text.utf8 where !connection.isHungUp {
                try await connection.write([byte], until: .soon)
                try await loop.sleep(for: .milliseconds(20))
            }
        } catch ConnectionError.failed {
            // Cut off while it was sending.
        }
        while try await connection.fill(toHold: connection.input.count + 1, until: .soon) {}
        return String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
    }

    @Test func `a head that comes byte by byte is cut at the head's deadline, not at a byte's`() async throws {
        try await Backend.run(Self.impatient) { _, address, loop in
            let start = loop.now
            let head = "GET /v1/bookings HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: 1000)
            let answer = try await drip(head, address, loop)
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("Connection: close\r\n"))
            #expect(.nanoseconds(Int64(loop.now - start)) < Self.patience)
        }
    }

    @Test func `a body that does not come is 408, and what comes late is no request`() async throws {
        try await Backend.run(Self.impatient) { backend, address, loop in
            let connection = try await Connection.connect(to: address, on: loop, until: .soon)
            defer { connection.close() }
            let head =
                "POST /v1/bookings HTTP/1.1\r\nHost: h\r\nContent-Length: \(RequestCase.smuggled.utf8.count)\r\n\r\n"
            try await connection.write(Array(head.utf8), until: .soon)
            try await loop.sleep(for: Self.deadline + .milliseconds(50))
            try? await connection.write(Array(RequestCase.smuggled.utf8), until: .soon)
            while try await connection.fill(toHold: connection.input.count + 1, until: .soon) {}
            let answer = String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && !answer.dropFirst(9).contains("HTTP/1.1"))
            backend.paths.withLock { #expect($0.isEmpty) }
        }
    }

    @Test func `a connection without a request, and one between two, end in silence`() async throws {
        try await Backend.run(Self.impatient) { _, address, loop in
            for first in ["", RequestCase.next("/v1/bookings")] {
                let connection = try await Connection.connect(to: address, on: loop, until: .soon)
                try await connection.write(Array(first.utf8), until: .soon)
                while try await connection.fill(toHold: connection.input.count + 1, until: .soon) {}
                let answer = String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
                #expect(first.isEmpty ? answer.isEmpty : answer.hasPrefix("HTTP/1.1 200") && !answer.contains("408"))
                connection.close()
            }
        }
    }

    @Test func `who never reads stops the writer, and is cut`() async throws {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let written = Mutex(0)
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let server = try HTTPServer(any, on: group, configuration: Self.impatient) { _ in
                Response(
                    .ok,
                    body: .stream(length: nil) { writer in
                        let piece = [UInt8](repeating: 1, count: 65_536)
                        while true {
                            try await writer.write(piece)
                            written.withLock { $0 += piece.count }
                        }
                    }
                )
            }
            let running = Task(executorPreference: loop) { await server.run() }
            let deaf = try await Connection.connect(to: server.address, on: loop, until: .soon)
            try await deaf.write(Array(RequestCase.next("/").utf8), until: .soon)
            let start = loop.now
            while server.connectionCount == 0 { try await loop.yield() }
            while server.connectionCount > 0, .nanoseconds(Int64(loop.now - start)) < Self.patience {
                try await loop.sleep(for: .milliseconds(10))
            }
            #expect(server.connectionCount == 0)
            // What the kernel takes for a socket, and no more.
            written.withLock { #expect($0 < 32 << 20) }
            deaf.close()
            server.stop()
            await running.value
        }
    }
}
