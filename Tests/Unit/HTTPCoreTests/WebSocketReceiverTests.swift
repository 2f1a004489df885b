import HTTPCore
import Testing

/// The behaviours of the Autobahn test suite, by its group numbers.
struct WebSocketReceiverTests {
    private func frame(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        isFinal: Bool = true,
        mask: UInt32? = 0x1234_5678
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        WebSocketFrame.append(opcode, payload.span, isFinal: isFinal, mask: mask, to: &bytes)
        return bytes
    }

    /// The events of one receiver that gets the bytes in pieces.
    private func events(
        _ bytes: [UInt8],
        pieces: Int = .max,
        role: WebSocketRole = .server,
        limit: Int = 1 << 24
    ) -> [WebSocketEvent] {
        var receiver = WebSocketReceiver(role: role, maximumMessageBytes: limit)
        var all: [WebSocketEvent] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(pieces, bytes.count - start)
            all += receiver.receive(bytes.span.extracting(start..<end))
            start = end
        }
        return all
    }

    @Test(arguments: [0, 1, 125, 126, 127, 128, 65_535, 65_536, 1_000_003])
    func `1: a message of any length arrives, whole or in chops`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let expected = [WebSocketEvent.message(.binary(payload))]
        #expect(events(frame(.binary, payload)) == expected)
        #expect(events(frame(.binary, payload), pieces: 997) == expected)
        if count < 70_000 { #expect(events(frame(.binary, payload), pieces: 1) == expected) }
        #expect(events(frame(.binary, payload, mask: nil), role: .client) == expected)
    }

    @Test func `2: pings and pongs are told, long ones are refused`() {
        #expect(events(frame(.ping, [1, 2])) == [.ping([1, 2])])
        #expect(events(frame(.pong, [])) == [.pong([])])
        #expect(events(frame(.ping, [UInt8](repeating: 7, count: 126))) == [.failure(.protocolError)])
        #expect(events((0..<10).flatMap { frame(.ping, [$0]) }) == (0..<10).map { .ping([$0]) })
    }

    @Test(arguments: [0x40, 0x20, 0x10, 0x70] as [UInt8])
    func `3: reserved bits are refused`(bits: UInt8) {
        var bytes = frame(.text, [0x61])
        bytes[0] |= bits
        #expect(events(bytes) == [.failure(.protocolError)])
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func `4: reserved opcodes are refused`(opcode: UInt8) {
        #expect(events([0x80 | opcode, 0x80, 0, 0, 0, 0]) == [.failure(.protocolError)])
    }

    @Test func `5: fragments make one message, with control frames between them`() {
        let text =
            frame(.text, [0x61], isFinal: false) + frame(.ping, [9])
            + frame(.continuation, [0x62], isFinal: false) + frame(.continuation, [0x63])
        for pieces in [1, 2, 3, 1000] {
            #expect(events(text, pieces: pieces) == [.ping([9]), .message(.text("abc"))])
        }
        #expect(events(frame(.continuation, [1])) == [.failure(.protocolError)])
        #expect(events(frame(.text, [0x61], isFinal: false) + frame(.text, [0x62])) == [.failure(.protocolError)])
        #expect(events(frame(.ping, [1], isFinal: false)) == [.failure(.protocolError)])
        #expect(events(frame(.text, []) + frame(.continuation, [])) == [.message(.text("")), .failure(.protocolError)])
    }

    @Test func `6: text is UTF-8, and the first bad byte fails at once`() {
        let text = Array("Hello-µ@ßöäüàá-UTF-8!! \u{10FFFF}".utf8)
        #expect(events(frame(.text, text), pieces: 1) == [.message(.text(String(decoding: text, as: UTF8.self)))])
        for cut in 1..<text.count {
            let parts = frame(.text, Array(text[..<cut]), isFinal: false) + frame(.continuation, Array(text[cut...]))
            #expect(events(parts) == [.message(.text(String(decoding: text, as: UTF8.self)))])
        }
        let bad: [[UInt8]] = [
            [0xFF], [0xC0, 0xAF], [0xE0, 0x80], [0xED, 0xA0], [0xF4, 0x90], [0xF5], [0x80], [0xC3, 0x41], [0xF0, 0x8F],
        ]
        for bytes in bad {
            let long = frame(.text, [0x61] + bytes + [UInt8](repeating: 0x61, count: 5000))
            #expect(events(Array(long.prefix(4 + 4 + 1 + bytes.count))) == [.failure(.invalidPayload)], "\(bytes)")
        }
        #expect(events(frame(.text, [0xC3])) == [.failure(.invalidPayload)])
    }

    @Test func `7: close frames are checked and end the input`() {
        #expect(events(frame(.close, []) + frame(.ping, [1])) == [.close(.noStatus, reason: "")])
        #expect(events(frame(.close, [3, 0xE8] + Array("bye".utf8))) == [.close(.normal, reason: "bye")])
        #expect(events(frame(.close, [3])) == [.failure(.protocolError)])
        #expect(events(frame(.close, [3, 0xE8, 0xFF])) == [.failure(.invalidPayload)])
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16] {
            let payload = WebSocketFrame.closePayload(WebSocketCloseCode(code))
            #expect(events(frame(.close, payload)) == [.close(WebSocketCloseCode(code), reason: "")])
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] as [UInt16] {
            let payload = WebSocketFrame.closePayload(WebSocketCloseCode(code))
            #expect(events(frame(.close, payload)) == [.failure(.protocolError)])
        }
        let long = String(repeating: "é", count: 100)
        #expect(WebSocketFrame.closePayload(.normal, reason: long).count == 124)
    }

    @Test func `masks are required of clients and forbidden to servers`() {
        #expect(events(frame(.text, [0x61], mask: nil)) == [.failure(.protocolError)])
        #expect(events(frame(.text, [0x61]), role: .client) == [.failure(.protocolError)])
    }

    @Test func `lengths must be minimal and below the top bit`() {
        #expect(events([0x82, 0xFE, 0, 125]) == [])
        #expect(events([0x82, 0xFE, 0, 125, 0, 0, 0, 0]) == [.failure(.protocolError)])
        #expect(events([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0]) == [.failure(.protocolError)])
        #expect(events([0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 12)) == [.failure(.protocolError)])
    }

    @Test func `messages beyond the limit are refused before they arrive`() {
        let bytes = frame(.binary, [UInt8](repeating: 1, count: 11))
        #expect(events(Array(bytes.prefix(6)), limit: 10) == [.failure(.messageTooBig)])
        let parts = frame(.binary, [1, 2, 3, 4, 5, 6], isFinal: false) + frame(.continuation, [1, 2, 3, 4, 5])
        #expect(events(parts, limit: 10) == [.failure(.messageTooBig)])
        #expect(events(frame(.binary, [UInt8](repeating: 1, count: 10)), limit: 10).count == 1)
        #expect(
            events([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]) == [
                .failure(.messageTooBig)
            ]
        )
    }
}
