/// Character classes of RFC 9110 and RFC 3986 as bit masks: one shift and one test a byte.
enum ByteClass {
    /// Letters of `token` (RFC 9110 section 5.6.2): field names and methods.
    static func isToken(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
    }

    /// What may stand in a request target: RFC 3986's characters without `#`.
    static func isTarget(_ byte: UInt8) -> Bool {
        contains(byte, low: 0xafff_fff2_0000_0000, high: 0x47ff_fffe_afff_ffff)
    }

    /// What may stand in a host name: RFC 3986's `reg-name` without the comma, which joins two Host lines.
    static func isHost(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x2bff_6ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe)
    }

    /// RFC 3986's `unreserved`: never needs percent-encoding.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe)
    }

    /// What may stand in a field value: tab, space, visible characters and obs-text (RFC 9110 section 5.5).
    static func isFieldValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The value of a hexadecimal digit, either case.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}

extension UInt8 {
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09
    static let colon: UInt8 = 0x3A
    static let comma: UInt8 = 0x2C
    static let semicolon: UInt8 = 0x3B
    static let hyphen: UInt8 = 0x2D
    static let slash: UInt8 = 0x2F
    static let quote: UInt8 = 0x22
}

extension Span<UInt8> {
    /// The bytes without leading and trailing spaces and tabs.
    var trimmedRange: Range<Int> {
        var start = 0
        var end = count
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while end > start, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// The first position of `byte` from `start` on.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while count - index >= 8, !word(at: index).holds(byte) { index += 8 }
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Where the bytes that may stand in a field value end, from `start` on.
    func endOfFieldValue(from start: Int) -> Int {
        var index = start
        while true {
            while count - index >= 8, !word(at: index).holdsControl { index += 8 }
            // The eight that hold one, or the last few.
            let end = Swift.min(index + 8, count)
            while index < end {
                guard ByteClass.isFieldValue(self[index]) else { return index }
                index += 1
            }
            if index == count { return index }
        }
    }

    /// Eight bytes as one word, which the compiler makes one load.
    @inline(__always)
    private func word(at start: Int) -> UInt64 {
        let part = extracting(start..<start + 8)
        let low = UInt64(part[0]) | UInt64(part[1]) << 8 | UInt64(part[2]) << 16 | UInt64(part[3]) << 24
        let high = UInt64(part[4]) << 32 | UInt64(part[5]) << 40 | UInt64(part[6]) << 48 | UInt64(part[7]) << 56
        return low | high
    }

    /// Compares with lower-case ASCII text, ignoring the case of these bytes.
    func equalsIgnoringCase(_ lowercase: String) -> Bool {
        guard count == lowercase.utf8.count else { return false }
        var index = 0
        for byte in lowercase.utf8 {
            guard ByteClass.lowercased(self[index]) == byte else { return false }
            index += 1
        }
        return true
    }
}

extension UInt64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Whether one of its eight bytes is `byte` (Warren, Hacker's Delight, section 6-1).
    fileprivate func holds(_ byte: UInt8) -> Bool {
        let difference = self ^ Self.ones &* UInt64(byte)
        return (difference &- Self.ones) & ~difference & Self.tops != 0
    }

    /// Whether one of its eight bytes is a control character: below space, or DEL.
    fileprivate var holdsControl: Bool {
        (self &- Self.ones &* 0x20) & ~self & Self.tops != 0 || holds(0x7F)
    }
}

extension String {
    /// Text of bytes that ought to be UTF-8; what is not becomes U+FFFD.
    init(_ bytes: Span<UInt8>) {
        if let valid = try? UTF8Span(validating: bytes) {
            self = String(copying: valid)
            return
        }
        var copy: [UInt8] = []
        copy.append(bytes)
        self = String(decoding: copy, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends the bytes of a span.
    mutating func append(_ bytes: Span<UInt8>) {
        append(addingCapacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }
}
