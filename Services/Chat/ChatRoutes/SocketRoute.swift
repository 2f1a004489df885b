import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// What every socket works with.
struct ChatSockets: Sendable {
    let configuration: ChatConfiguration
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let log: ChatLog
    let live: Live
    let deliveries: Deliveries
    var observer: (any LiveObserver)?

    /// Closes a socket with 4401 when its token is revoked, for as long as the watch is kept.
    func watch(_ socket: WebSocket, _ token: AccessToken) -> RevocationWatch {
        tokens.revocations.watch(token) { socket.close(.unauthorized, reason: "revoked") }
    }
}

/// `GET /v1/chat/ws`. The token comes as sub-protocol `bearer.<token>`, in `Authorization`, or in a first frame `hello`.
struct SocketRoute: Sendable {
    static let subprotocol = "chat.v1"
    private static let tokenPrefix = "bearer."
    private static let authenticationTimeout = Duration.seconds(5)

    let chat: ChatSockets

    func add(to router: inout Router) {
        router.get("/v1/chat/ws", open)
    }

    @Sendable private func open(_ request: Request) async throws -> Response {
        if let origin = request.headerFields[.origin] {
            guard chat.configuration.origins.contains(origin) else { throw Problem(.originRefused) }
        }
        var token: AccessToken?
        let offered = request.headerFields.listMembers(of: .secWebSocketProtocol)
        if let text = offered.first(where: { $0.hasPrefix(Self.tokenPrefix) }) {
            token = try await chat.tokens.check(String(text.dropFirst(Self.tokenPrefix.count)))
        } else if let field = request.headerFields[.authorization] {
            token = try await chat.tokens.check(authorization: field)
        }
        let (loop, known) = (request.loop, token)
        return WebSocket.upgrade(request, protocols: [Self.subprotocol]) { socket in
            if let known {
                let session = SocketSession(socket, known, chat: chat, loop: loop)
                try await session.run()
            } else {
                try await authenticate(socket, on: loop)
            }
        }
    }

    /// The first frame has to say who it is, and soon.
    private func authenticate(_ socket: WebSocket, on loop: EventLoop) async throws {
        // A client that stays silent is closed, which ends `next`.
        let guardian = Task(executorPreference: loop) {
            guard (try? await loop.sleep(for: Self.authenticationTimeout)) != nil else { return }
            socket.close(.unauthorized, reason: "no token in time")
        }
        defer { guardian.cancel() }
        guard let message = await socket.next() else { return }
        guard let hello = try? ClientFrame.read(message), hello.type == .hello || hello.type == .auth,
            let text = hello.accessToken, let token = try? await chat.tokens.check(text)
        else {
            socket.close(.unauthorized, reason: "the token is not accepted")
            while await socket.next() != nil {}
            return
        }
        guardian.cancel()
        let session = SocketSession(socket, token, chat: chat, loop: loop)
        try await session.run(resume: hello.resume ?? [:])
    }
}
