public import HTTPCore
public import Reactor
import Security

/// Why a WebSocket could not be opened.
public enum WebSocketConnectError: Error, Sendable {
    /// The server answered with another status than 101.
    case refused(HTTPResponse)
    /// The answer was not a valid handshake.
    case invalidHandshake
    /// The server closed before it answered.
    case closed
}

extension WebSocket {
    /// How long connection and handshake may take together.
    public static let connectTimeout = Duration.seconds(10)

    /// Opens a WebSocket as a client, runs `body` with it and closes it. On the loop.
    ///
    /// Throws `ConnectionError`, `HTTPParseError` or `WebSocketConnectError`, and what the body throws.
    public static func connect(
        to address: SocketAddress,
        on loop: EventLoop,
        path: String,
        headerFields: HTTPFields = [:],
        protocols: [String] = [],
        options: Options = Options(),
        _ body: (WebSocket) async throws -> Void
    ) async throws {
        let deadline = Deadline.after(connectTimeout)
        let connection = try await Connection.connect(to: address, on: loop, until: deadline)
        defer { connection.close() }
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...UInt8.max) }
        var request = WebSocketHandshake.request(
            authority: address.description,
            path: path,
            nonce: nonce,
            protocols: protocols
        )
        for field in headerFields { request.headerFields.append(field) }
        var bytes: [UInt8] = []
        HeadSerializer.append(request, to: &bytes)
        try await connection.write(bytes, until: deadline)
        let response = try await readHead(connection, until: deadline)
        guard response.status == .switchingProtocols else { throw WebSocketConnectError.refused(response) }
        let subprotocol = response.headerFields[.secWebSocketProtocol]
        guard let key = request.headerFields[.secWebSocketKey],
            response.headerFields[.secWebSocketAccept]
                == WebSocketHandshake.acceptValue(key: key, sha1: { HashFunction.sha1.digest($0) }),
            subprotocol.map(protocols.contains) ?? true
        else { throw WebSocketConnectError.invalidHandshake }
        var failure: (any Error)?
        await WebSocketSession.run(connection, role: .client, subprotocol: subprotocol, options: options) { socket in
            do {
                try await body(socket)
            } catch {
                failure = error
                throw error
            }
        }
        if let failure { throw failure }
    }

    private static func readHead(_ connection: Connection, until deadline: Deadline) async throws -> HTTPResponse {
        var parser = ResponseHeadParser(to: .get)
        while true {
            guard try await connection.fill(until: deadline) else { throw WebSocketConnectError.closed }
            let input = connection.input
            if let (head, consumed) = try parser.parse(input.bytes.span.extracting(input.readable)) {
                connection.input.consume(consumed)
                return head.response
            }
        }
    }
}
