import HTTPCore
import Testing

struct WebSocketHandshakeTests {
    private var request: HTTPRequest {
        WebSocketHandshake.request(
            authority: "h",
            path: "/ws",
            nonce: Array("the sample nonce".utf8),
            protocols: ["chat.v1", "bearer.x"]
        )
    }

    @Test func `the RFC's sample key gives the RFC's answer`() throws {
        let handshake = try WebSocketHandshake(request)
        #expect(handshake.key == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(handshake.protocols == ["chat.v1", "bearer.x"])
        let response = handshake.response(selecting: "chat.v1") { input in
            #expect(input == Array("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
            return [
                0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f, 0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38, 0x59, 0x45, 0xb2,
                0xbe, 0xc4, 0xea,
            ]
        }
        #expect(response.status == .switchingProtocols)
        #expect(response.headerFields[.secWebSocketAccept] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response.headerFields[.secWebSocketProtocol] == "chat.v1")
    }

    @Test func `what is no handshake is refused with its status`() {
        func status(_ change: (inout HTTPRequest) -> Void) -> Int? {
            var changed = request
            change(&changed)
            do throws(WebSocketHandshakeError) {
                _ = try WebSocketHandshake(changed)
                return nil
            } catch { return error.status.code }
        }
        #expect(status { _ in } == nil)
        #expect(status { $0.method = .post } == 400)
        #expect(status { $0.headerFields[.upgrade] = "foo" } == 400)
        #expect(status { $0.headerFields[.connection] = "close" } == 400)
        #expect(status { $0.headerFields[.secWebSocketKey] = "short" } == 400)
        #expect(status { $0.headerFields.append(.secWebSocketKey, "dGhlIHNhbXBsZSBub25jZQ==") } == 400)
        #expect(status { $0.headerFields[.secWebSocketVersion] = "99" } == 426)
    }
}
