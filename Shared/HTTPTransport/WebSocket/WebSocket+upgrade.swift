import HTTPCore
import Reactor
import Security

extension WebSocket {
    /// Answers a request that asks for a WebSocket: 101 and then `body` with the open socket, 400 for what is no
    /// handshake, 426 for another version. The body runs in the connection's task on its loop; when it returns the socket
    /// is closed with 1000, when it throws with 1011.
    ///
    /// Of `protocols` the first that the client offers is selected; when both sides name some and none is common, none is
    /// selected. The caller has checked Origin and credentials.
    public static func upgrade(
        _ request: Request,
        protocols: [String] = [],
        options: Options = Options(),
        _ body: @escaping (WebSocket) async throws -> Void
    ) -> Response {
        let handshake: WebSocketHandshake
        do throws(WebSocketHandshakeError) {
            handshake = try WebSocketHandshake(request.head)
        } catch {
            var response = Response.text(error.status, "This is the address of a WebSocket.\n")
            response.headerFields[.upgrade] = "websocket"
            response.headerFields[.connection] = "Upgrade"
            response.headerFields[.secWebSocketVersion] = "13"
            return response
        }
        let selected = protocols.first(where: handshake.protocols.contains)
        let head = handshake.response(selecting: selected) { HashFunction.sha1.digest($0) }
        return Response(
            head.status,
            head.headerFields,
            body: .upgrade { connection in
                await WebSocketSession.run(
                    connection,
                    role: .server,
                    subprotocol: selected,
                    options: options,
                    body
                )
            }
        )
    }
}
