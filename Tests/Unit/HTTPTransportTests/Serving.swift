import HTTPCore
import HTTPTransport
import Reactor

/// Serves `handler` on a free port of 127.0.0.1 on a fresh loop, and runs `body` on that loop.
func withServer(
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
    observer: (@Sendable (ServedRequest) -> Void)? = nil,
    handler: @escaping Handler,
    _ body: @escaping @Sendable (HTTPServer, EventLoop) async throws -> Void
) async throws {
    let group = try EventLoopGroup()
    defer { group.shutdown() }
    let loop = group.loops[0]
    try await loop.run {
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { return }
        let server = try HTTPServer(
            address,
            on: group,
            configuration: configuration,
            observer: observer,
            handler: handler
        )
        let running = Task(executorPreference: loop) { await server.run() }
        do {
            try await body(server, loop)
        } catch {
            server.stop()
            await running.value
            throw error
        }
        server.stop()
        await running.value
    }
}

/// A connection on which a test speaks bytes.
final class RawClient {
    let connection: Connection

    init(_ server: HTTPServer, _ loop: EventLoop) async throws {
        connection = try await Connection.connect(to: server.address, on: loop, until: .after(.seconds(5)))
    }

    func send(_ text: String) async throws {
        try await connection.write(Array(text.utf8), until: .after(.seconds(5)))
    }

    /// Everything until the server ends the connection.
    func readAll() async throws -> String {
        while try await connection.fill(toHold: connection.input.count + 1, until: .after(.seconds(5))) {}
        return String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
    }

    /// Up to and including `mark`.
    func read(through mark: String) async throws -> String {
        var text = ""
        while !text.hasSuffix(mark) {
            guard try await connection.fill(toHold: 1, until: .after(.seconds(5))) else { break }
            text += String(decoding: connection.input.take(1), as: UTF8.self)
        }
        return text
    }
}

/// What the server answers to `request` until it closes; the client ends its side unless the request asks for it.
func exchange(_ request: String, _ server: HTTPServer, _ loop: EventLoop) async throws -> String {
    let client = try await RawClient(server, loop)
    try await client.send(request)
    client.connection.shutdownWrite()
    return try await client.readAll()
}

extension String {
    /// How often `part` occurs.
    func occurrences(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

extension Collection where Element: Equatable {
    /// The first place of a subsequence.
    fileprivate func firstRange(of part: some Collection<Element>) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
