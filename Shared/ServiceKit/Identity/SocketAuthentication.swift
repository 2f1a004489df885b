public import HTTPCore
public import HTTPTransport
public import Reactor
public import Security

/// How a WebSocket says whose it is: browsers cannot send `Authorization` with the handshake.
enum SocketAuthentication {
    /// What stands before a token that is offered as a sub-protocol.
    static let tokenPrefix = "bearer."
    /// How long a socket without a token may be silent.
    static let timeout = Duration.seconds(5)
}

extension TokenChecker {
    /// The token of a handshake: the sub-protocol `bearer.<token>`, or `Authorization`; nil without either. Throws as
    /// ``check(_:)``.
    public func check(handshake request: Request) async throws -> AccessToken? {
        let offered = request.headerFields.listMembers(of: .secWebSocketProtocol)
        if let text = offered.first(where: { $0.hasPrefix(SocketAuthentication.tokenPrefix) }) {
            return try await check(String(text.dropFirst(SocketAuthentication.tokenPrefix.count)))
        }
        guard let field = request.headerFields[.authorization] else { return nil }
        return try await check(authorization: field)
    }
}

extension WebSocket {
    /// What the first message says of who it is, which has to come within five seconds; nil when the socket has ended, which
    /// it does with 4401 when `read` finds nothing good. On the socket's loop.
    public func introduction<Value>(
        on loop: EventLoop,
        _ read: (WebSocketMessage) async -> Value?
    ) async -> Value? {
        // A client that stays silent is closed, which ends `next`.
        let guardian = Task(executorPreference: loop) {
            guard (try? await loop.sleep(for: SocketAuthentication.timeout)) != nil else { return }
            self.close(.unauthorized, reason: "no token in time")
        }
        defer { guardian.cancel() }
        guard let message = await next() else { return nil }
        if let value = await read(message) { return value }
        close(.unauthorized, reason: "the token is not accepted")
        while await next() != nil {}
        return nil
    }
}
