/// Where in a distributed trace some work stands: the value of `traceparent` (W3C Trace Context level 1).
public struct TraceContext: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64
    private let span: UInt64
    /// Whether the caller records this trace.
    public let isSampled: Bool

    private init(high: UInt64, low: UInt64, span: UInt64, isSampled: Bool) {
        self.high = high
        self.low = low
        self.span = span
        self.isSampled = isSampled
    }

    /// The context of the task that runs; log lines carry its trace id.
    @TaskLocal public static var current: TraceContext?

    /// A new trace with a root span.
    public static func root(sampled: Bool = true) -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        return TraceContext(
            high: generator.next(),
            low: generator.next() | 1,
            span: generator.next() | 1,
            isSampled: sampled
        )
    }

    /// A new span of the same trace, to hand to the next hop.
    public func child() -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        return TraceContext(high: high, low: low, span: generator.next() | 1, isSampled: isSampled)
    }

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; nil when malformed or all zero. Of a later version the first four fields
    /// are read (section 3.2.4).
    public init?(traceparent text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45,
            let version = Self.hexadecimal(bytes[0..<2]), version != 255,
            bytes.count == 55 || (version > 0 && bytes[55] == 45),
            let high = Self.hexadecimal(bytes[3..<19]), let low = Self.hexadecimal(bytes[19..<35]),
            let span = Self.hexadecimal(bytes[36..<52]), let flags = Self.hexadecimal(bytes[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        self.init(high: high, low: low, span: span, isSampled: flags & 1 == 1)
    }

    /// The trace's id, 32 hexadecimal digits.
    public var traceID: String { Self.digits(high) + Self.digits(low) }

    /// This span's id, 16 hexadecimal digits.
    public var spanID: String { Self.digits(span) }

    /// The header value, version 00.
    public var traceparent: String { "00-\(traceID)-\(spanID)-0\(isSampled ? 1 : 0)" }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    /// Lower case only, as the specification demands.
    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for byte in bytes {
            switch byte {
            case 48...57: value = value << 4 | UInt64(byte - 48)
            case 97...102: value = value << 4 | UInt64(byte - 87)
            default: return nil
            }
        }
        return value
    }
}
