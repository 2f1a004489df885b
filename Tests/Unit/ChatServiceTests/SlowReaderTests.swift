import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import System
import TestSupport
import Testing

@testable import ChatService

/// What is kept for who does not read: a little, whatever happens in the room.
@Suite(.serialized) struct SlowReaderTests {
    /// What happens, in bytes, and how much of it may be in memory: what the queue may hold, and some for the allocator and
    /// for tests beside this one.
    private static let written = 64 << 20
    private static let allowed = 20 << 20

    enum Reader: String, CaseIterable, Sendable {
        case socket, stream, resuming
    }

    private let room = Identifier.made(100)
    private let user = Identifier.made(1)

    /// Serves one who listens, and hands out who does not read any more.
    private func listening(
        _ reader: Reader,
        _ body: @Sendable (Live, ChatService.Listener, EventLoop) async throws -> Void
    )
        async throws
    {
        let group = try EventLoopGroup(count: 1)
        defer { group.shutdown() }
        let (loop, live, room, user) = (group.loops[0], Live(maximumPerPerson: 1), room, user)
        let (begun, ended) = (Waiter<ChatService.Listener>(), [Waiter<Void>(), Waiter<Void>()])
        let listen: @Sendable (ChatService.Listener.Sink) -> Void = { sink in
            let listener = ChatService.Listener(user, sink)
            #expect(live.open(listener))
            live.begin(listener, in: Company(rooms: [(room: room, membership: Membership(role: .member))]))
            if reader != .resuming { listener.release(sent: [:]) }
            begun.resume(.success(listener))
        }
        let server = try await loop.run {
            try HTTPServer(try #require(SocketAddress(host: "127.0.0.1", port: 0)), on: group) { request in
                if reader == .stream {
                    return .events(for: request) { stream in
                        listen(.stream(stream, room: room))
                        try await loop.wait(for: ended[0], until: .after(.seconds(60)))
                    }
                }
                return WebSocket.upgrade(request, protocols: ["chat.v1"]) { socket in
                    listen(.socket(socket))
                    while await socket.next() != nil {}
                }
            }
        }
        let running = Task(executorPreference: loop) { await server.run() }
        let client = Task(executorPreference: loop) {
            let connection = try await Connection.connect(to: server.address, on: loop, until: .after(.seconds(5)))
            let head = """
                GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat.v1\r\n\r\n
                """
            try await connection.write(Array(head.utf8), until: .after(.seconds(5)))
            // Reads nothing, and stays.
            try? await loop.wait(for: ended[1], until: .after(.seconds(60)))
            connection.close()
        }
        defer {
            for waiter in ended { waiter.resume(.success(())) }
            client.cancel()
        }
        try await body(live, try await begun.wait(), loop)
        for waiter in ended { waiter.resume(.success(())) }
        server.stop()
        await running.value
    }

    @Test(arguments: Reader.allCases)
    func `who does not read is kept a little and then closed, however much is written`(_ reader: Reader) async throws {
        let (room, text) = (room, String(repeating: "x", count: 60_000))
        try await listening(reader) { live, listener, _ in
            let change = RoomChange(roomID: room, change: 1, kind: .renamed, detail: text, at: .start)
            var news = News(change, nil)
            let before = ProcessUsage.residentBytes
            for _ in 1...Self.written / text.utf8.count {
                news.frame[0] &+= 0  // Bytes of its own, as those of another change.
                live.publish([news])
            }
            let held = ProcessUsage.residentBytes - before
            #expect(held < Self.allowed, "\(held >> 10) KiB of \(Self.written >> 10) are in memory")
            #expect(isClosing(listener), "nobody is kept who misses something")
        }
    }

    private func isClosing(_ listener: ChatService.Listener) -> Bool {
        switch listener.sink {
        case .socket(let socket): !socket.send("x")
        case .stream(let stream, _): stream.isOver
        }
    }
}
