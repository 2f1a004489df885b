import HTTPCore
import HTTPTransport
import Reactor
import TestSupport
import Testing

extension RunningStack {
    /// Opens somebody's notification socket through the gateway, does something while it is open, and waits for its end;
    /// the close code, such as 4401.
    func closeCodeOfSocket(token: String, whileOpen action: @escaping @Sendable () async throws -> Void) async throws
        -> UInt16?
    {
        let loops = try EventLoopGroup(count: 1)
        defer { loops.shutdown() }
        let loop = loops.next()
        let port = try #require(UInt16(address(of: "gateway").split(separator: ":")[1]))
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        return try await loop.run {
            var code: UInt16?
            try await WebSocket.connect(
                to: address,
                on: loop,
                path: "/v1/notifications/ws",
                protocols: ["notifications.v1", "bearer.\(token)"]
            ) { socket in
                let greeting = await socket.next()
                guard case .text(let text) = greeting, text.contains("ready") else { return }
                try await action()
                while await socket.next() != nil {}
                code = socket.closeCode?.rawValue
            }
            return code
        }
    }
}
