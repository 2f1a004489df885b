/// A UUID (RFC 9562): version 7 for what is made here, version 8 for what is derived from a digest. Sixteen bytes that
/// sort by time of making, stored as a 16-byte BLOB and written in lower-case hexadecimal with hyphens.
public struct Identifier: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new version 7 identifier for the given instant; 74 bits are random.
    public static func version7(
        at time: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> Identifier {
        let first: UInt64 = generator.next()
        let second: UInt64 = generator.next()
        let milliseconds = UInt64(truncatingIfNeeded: time.milliseconds)
        return Identifier(
            high: milliseconds << 16 | 0x7000 | first & 0x0FFF,
            low: 0x8000_0000_0000_0000 | second >> 2
        )
    }

    /// A new version 7 identifier with the system's random generator.
    public static func version7(at time: Timestamp) -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return version7(at: time, using: &generator)
    }

    /// The version 8 identifier made of the first sixteen bytes of a digest; nil when it is shorter.
    public init?(digest: [UInt8]) {
        guard digest.count >= 16, let raw = Identifier(bytes: Array(digest[..<16])) else { return nil }
        self.init(
            high: raw.high & 0xFFFF_FFFF_FFFF_0FFF | 0x8000,
            low: raw.low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        )
    }

    /// Reads sixteen bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        // An array, because the caller's collection is not known here: each step over it would be a call.
        for byte in Array(bytes) {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(high: high, low: low)
    }

    /// Reads `8-4-4-4-12` hexadecimal digits of either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        var digits = 0
        var words: (UInt64, UInt64) = (0, 0)
        // An array, because the caller's text is not known here: each step over it would be a call.
        for (position, byte) in Array(text.utf8).enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Self.digit(byte) else { return nil }
            if digits < 16 {
                words.0 = words.0 << 4 | value
            } else {
                words.1 = words.1 << 4 | value
            }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The sixteen bytes in network order.
    public var bytes: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
        }
    }

    /// When a version 7 identifier was made; meaningless for other versions.
    public var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// Orders by bytes, so version 7 identifiers by time.
    public static func < (left: Identifier, right: Identifier) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// `018f3b5a-7c1e-7a3b-9c1d-0123456789ab`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text form.
    public func append(to text: inout [UInt8]) {
        text.append(hexadecimal: high >> 32, digits: 8)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: high >> 16, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: high, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: low >> 48, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: low, digits: 12)
    }
}

extension Identifier: Codable {
    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Identifier(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = value
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
