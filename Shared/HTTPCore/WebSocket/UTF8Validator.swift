/// Checks UTF-8 that arrives in pieces, and finds the first byte that can not be part of any (RFC 3629 section 4).
struct UTF8Validator: Sendable {
    /// Continuation bytes still to come, and the range the next one must lie in.
    private var remaining = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// True when no code point is cut off.
    var isAtBoundary: Bool { remaining == 0 }

    /// False at the first byte that is not valid.
    mutating func accept(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            if remaining == 0, byte < 0x80 { continue }
            guard remaining == 0 ? begin(byte) : proceed(byte) else { return false }
        }
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, lower: 0xA0)
        case 0xE1...0xEC, 0xEE...0xEF: expect(2)
        case 0xED: expect(2, upper: 0x9F)
        case 0xF0: expect(3, lower: 0x90)
        case 0xF1...0xF3: expect(3)
        case 0xF4: expect(3, upper: 0x8F)
        default: return false
        }
        return true
    }

    private mutating func proceed(_ byte: UInt8) -> Bool {
        guard byte >= lower, byte <= upper else { return false }
        expect(remaining - 1)
        return true
    }

    private mutating func expect(_ count: Int, lower: UInt8 = 0x80, upper: UInt8 = 0xBF) {
        remaining = count
        self.lower = lower
        self.upper = upper
    }
}
