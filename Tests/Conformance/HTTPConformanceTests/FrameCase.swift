import HTTPCore

/// Frames of a client and what an echoing server sends back: the behaviours of the Autobahn test suite, by its group numbers.
struct FrameCase: Sendable {
    let name: String
    let bytes: [UInt8]
    /// Messages and pongs; then the close code.
    let echoes: [WebSocketEvent]
    let code: WebSocketCloseCode

    /// Frames the server accepts, with a close frame behind them.
    private init(_ name: String, _ frames: [UInt8], _ echoes: [WebSocketEvent]) {
        let goodbye = Self.frame(.close, WebSocketFrame.closePayload(.normal))
        self.init(name, frames + goodbye, echoes, .normal)
    }

    private init(_ name: String, _ bytes: [UInt8], _ echoes: [WebSocketEvent], _ code: WebSocketCloseCode) {
        self.name = name
        self.bytes = bytes
        self.echoes = echoes
        self.code = code
    }

    static var all: [FrameCase] {
        lengths + pings + reserved + fragments + texts + closes + large
    }

    static var lengths: [FrameCase] {
        [0, 1, 125, 126, 127, 128, 65_535, 65_536].flatMap { count in
            [
                FrameCase(
                    "1.1 text of \(count) bytes",
                    frame(.text, [UInt8](repeating: 0x2A, count: count)),
                    [.message(.text(String(repeating: "*", count: count)))]
                ),
                FrameCase(
                    "1.2 binary of \(count) bytes",
                    frame(.binary, [UInt8](repeating: 0xFE, count: count)),
                    [.message(.binary([UInt8](repeating: 0xFE, count: count)))]
                ),
            ]
        }
    }

    static var pings: [FrameCase] {
        let most = [UInt8](repeating: 0xFE, count: 125)
        return [
            FrameCase("2.1 empty ping", frame(.ping, []), [.pong([])]),
            FrameCase("2.2 ping", frame(.ping, [0, 255, 0xFE]), [.pong([0, 255, 0xFE])]),
            FrameCase("2.4 ping of 125 bytes", frame(.ping, most), [.pong(most)]),
            FrameCase("2.5 ping of 126 bytes", frame(.ping, most + [1]), .protocolError),
            FrameCase("2.7 pong nobody asked for", frame(.pong, [1]), []),
            FrameCase("2.9 pong, then ping", frame(.pong, [1]) + frame(.ping, [2]), [.pong([2])]),
            FrameCase("2.10 ten pings", (0..<10).flatMap { frame(.ping, [$0]) }, (0..<10).map { .pong([$0]) }),
        ]
    }

    static var reserved: [FrameCase] {
        let bits = [0x40, 0x20, 0x10, 0x70].map { (bits: UInt8) in
            var bytes = frame(.text, [0x61])
            bytes[0] |= bits
            return FrameCase("3 reserved bits \(bits)", bytes, .protocolError)
        }
        let opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { (opcode: UInt8) in
            FrameCase(
                "4 opcode \(opcode)",
                frame(.text, [0x61]) + [0x80 | opcode, 0x80, 0, 0, 0, 0],
                [a],
                .protocolError
            )
        }
        return bits + opcodes + [
            FrameCase("no mask", frame(.text, [0x61], mask: nil), .protocolError),
            FrameCase("a length that is not minimal", [0x82, 0xFE, 0, 125, 0, 0, 0, 0], .protocolError),
            FrameCase(
                "a length with its top bit set",
                [0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 12),
                .protocolError
            ),
            FrameCase(
                "a length above every limit",
                [0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0],
                .messageTooBig
            ),
        ]
    }

    static var fragments: [FrameCase] {
        let (start, end) = (frame(.text, [0x61], isFinal: false), frame(.continuation, [0x62]))
        let ab = WebSocketEvent.message(.text("ab"))
        return [
            FrameCase("5.1 ping in two fragments", frame(.ping, [1], isFinal: false) + end, .protocolError),
            FrameCase("5.3 two fragments", start + end, [ab]),
            FrameCase("5.6 a ping between fragments", start + frame(.ping, [9]) + end, [.pong([9]), ab]),
            FrameCase("5.9 continuation of nothing", frame(.continuation, [1]) + frame(.text, [0x61]), .protocolError),
            FrameCase("5.15 continuation behind the last", start + end + end, [ab], .protocolError),
            FrameCase("5.18 text inside text", start + frame(.text, [0x62]), .protocolError),
            FrameCase(
                "5 empty fragments",
                frame(.text, [], isFinal: false) + frame(.continuation, []),
                [.message(.text(""))]
            ),
        ]
    }

    static var texts: [FrameCase] {
        let text = Array("Hello-µ@ßöäüàá-UTF-8!! \u{10FFFF}".utf8)
        let echo = WebSocketEvent.message(.text(String(decoding: text, as: UTF8.self)))
        let good = [1, 8, text.count - 2].map { cut in
            let parts = frame(.text, Array(text[..<cut]), isFinal: false) + frame(.continuation, Array(text[cut...]))
            return FrameCase("6.2 text cut at \(cut)", parts, [echo])
        }
        let bad: [[UInt8]] = [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88], [0x80], [0xC3, 0x41],
            [0xC3],
        ]
        return good
            + bad.map { FrameCase("6 not UTF-8: \($0)", frame(.text, [0x61] + $0), .invalidPayload) }
            // The rest of the frame never comes.
            + [
                FrameCase(
                    "6.4 the first bad byte",
                    Array(frame(.text, [0xFF] + [UInt8](repeating: 0x61, count: 5000)).prefix(12)),
                    .invalidPayload
                )
            ]
    }

    static var closes: [FrameCase] {
        let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16]
        let others = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16]
        func close(_ code: UInt16) -> [UInt8] { frame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)]) }
        return codes.map { FrameCase("7.7 code \($0)", close($0), WebSocketCloseCode($0)) }
            + others.map { FrameCase("7.9 code \($0)", close($0), .protocolError) }
            + [
                FrameCase(
                    "7.1 text behind close",
                    frame(.text, [0x61]) + close(1000) + frame(.text, [0x62]),
                    [a],
                    .normal
                ),
                FrameCase("7.1 ping behind close", close(1000) + frame(.ping, [1]), .normal),
                FrameCase("7.3 one byte", frame(.close, [3]), .protocolError),
                FrameCase("7.3 a reason", frame(.close, [3, 0xE8] + Array("bye".utf8)), .normal),
                FrameCase(
                    "7.3 126 bytes",
                    frame(.close, [3, 0xE8] + [UInt8](repeating: 0x61, count: 124)),
                    .protocolError
                ),
                FrameCase("7.5 a reason that is not UTF-8", frame(.close, [3, 0xE8, 0xFF]), .invalidPayload),
            ]
    }

    static let messageLimit = 128 << 10

    static var large: [FrameCase] {
        let payload = (0..<messageLimit).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var parts = frame(.binary, [], isFinal: false)
        for start in stride(from: 0, to: 65_536, by: 1300) {
            parts += frame(
                .continuation,
                Array(payload[start..<min(start + 1300, 65_536)]),
                isFinal: start + 1300 >= 65_536
            )
        }
        return [
            FrameCase("9.2 128 KiB", frame(.binary, payload), [.message(.binary(payload))]),
            FrameCase("9 a byte above the limit", Array(frame(.binary, payload + [1]).prefix(14)), .messageTooBig),
            FrameCase("10.1 64 KiB in fragments", parts, [.message(.binary(Array(payload.prefix(65_536))))]),
        ]
    }

    private static let a = WebSocketEvent.message(.text("a"))

    private init(_ name: String, _ bytes: [UInt8], _ code: WebSocketCloseCode) { self.init(name, bytes, [], code) }

    private static func frame(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        isFinal: Bool = true,
        mask: UInt32? = 0x1234_5678
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        WebSocketFrame.append(opcode, payload.span, isFinal: isFinal, mask: mask, to: &bytes)
        return bytes
    }
}
