/// What a frame carries (RFC 6455 section 5.2).
public enum WebSocketOpcode: UInt8, Sendable {
    /// More of the message begun before.
    case continuation = 0
    /// UTF-8 text.
    case text = 1
    /// Bytes.
    case binary = 2
    /// The end of the connection.
    case close = 8
    /// A question whether the peer is there.
    case ping = 9
    /// The answer to a ping.
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// Writes frames.
///
///     | FIN RSV1-3 opcode(4) | MASK length(7) | length 16 or 64 | masking key 32 | payload
///     |        1 byte        |     1 byte     |  0, 2 or 8 bytes |  0 or 4 bytes  |
public enum WebSocketFrame {
    /// Bytes a control frame may carry (RFC 6455 section 5.5).
    public static let maximumControlPayload = 125

    /// Appends one frame. Clients give a fresh unpredictable mask for every frame, servers none (section 5.3).
    public static func append(
        _ opcode: WebSocketOpcode,
        _ payload: Span<UInt8>,
        isFinal: Bool = true,
        mask: UInt32? = nil,
        to output: inout [UInt8]
    ) {
        output.append((isFinal ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ...125: output.append(maskBit | UInt8(payload.count))
        case ...0xFFFF:
            output.append(maskBit | 126)
            appendBigEndian(UInt64(payload.count), bytes: 2, to: &output)
        default:
            output.append(maskBit | 127)
            appendBigEndian(UInt64(payload.count), bytes: 8, to: &output)
        }
        guard let mask else { return output.append(payload) }
        appendBigEndian(UInt64(mask), bytes: 4, to: &output)
        appendMasked(payload, WebSocketMask(mask), from: 0, to: &output)
    }

    /// One unmasked, final frame: what a server sends, made once for all receivers.
    public static func encode(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(payload.count + 10)
        append(opcode, payload, to: &output)
        return output
    }

    /// The payload of a close frame: the code, then as much of the reason as fits.
    public static func closePayload(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        guard let code else { return [] }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason {
            let bytes = Array(String(character).utf8)
            guard payload.count + bytes.count <= maximumControlPayload else { break }
            payload += bytes
        }
        return payload
    }

    private static func appendBigEndian(_ value: UInt64, bytes: Int, to output: inout [UInt8]) {
        for index in 0..<bytes { output.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - index)))) }
    }

    /// Appends bytes combined with the mask (section 5.3), whose position `from` is the first byte's place in the frame.
    static func appendMasked(_ bytes: Span<UInt8>, _ mask: WebSocketMask, from: Int, to output: inout [UInt8]) {
        let start = output.count
        output.append(bytes)
        var target = output.mutableSpan
        let key = mask.rotated(by: from)
        let count = bytes.count
        var index = 0
        // Eight bytes a step: the compiler makes one 64-bit operation of them.
        while index &+ 8 <= count {
            let place = start &+ index
            target[place] ^= key.0
            target[place &+ 1] ^= key.1
            target[place &+ 2] ^= key.2
            target[place &+ 3] ^= key.3
            target[place &+ 4] ^= key.0
            target[place &+ 5] ^= key.1
            target[place &+ 6] ^= key.2
            target[place &+ 7] ^= key.3
            index &+= 8
        }
        while index < count {
            target[start + index] ^= mask[from + index]
            index += 1
        }
    }
}

/// A masking key: byte `i` of the payload is combined with byte `i % 4` of the key.
struct WebSocketMask: Sendable {
    private let key: UInt32

    /// The key as the number its four bytes make, first byte highest.
    init(_ key: UInt32) { self.key = key }

    subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: key >> UInt32(8 * (3 - index & 3))) }

    func rotated(by offset: Int) -> (UInt8, UInt8, UInt8, UInt8) {
        (self[offset], self[offset + 1], self[offset + 2], self[offset + 3])
    }
}
