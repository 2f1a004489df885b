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

    let chat: ChatSockets

    func add(to router: inout Router) {
        router.get("/v1/chat/ws", open)
    }

    @Sendable private func open(_ request: Request) async throws -> Response {
        if let origin = request.headerFields[.origin] {
            guard chat.configuration.origins.contains(origin) else { throw Problem(.originRefused) }
        }
        let (loop, known) = (request.loop, try await chat.tokens.check(handshake: request))
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
        let first = await socket.introduction(on: loop) { message -> (AccessToken, ClientFrame)? in
            guard let hello = try? ClientFrame.read(message), hello.type == .hello || hello.type == .auth,
                let text = hello.accessToken, let token = try? await chat.tokens.check(text)
            else { return nil }
            return (token, hello)
        }
        guard let (token, hello) = first else { return }
        let session = SocketSession(socket, token, chat: chat, loop: loop)
        try await session.run(resume: hello.resume ?? [:])
    }
}
