import Synchronization
import System

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
        TraceContext(high: ids.next(), low: ids.next() | 1, span: ids.next() | 1, isSampled: sampled)
    }

    /// A new span of the same trace, to hand to the next hop.
    public func child() -> TraceContext {
        TraceContext(high: high, low: low, span: Self.ids.next() | 1, isSampled: isSampled)
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
    public var traceID: String {
        var text: [UInt8] = []
        append(traceID: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// This span's id, 16 hexadecimal digits.
    public var spanID: String {
        var text: [UInt8] = []
        text.append(hexadecimal: span)
        return String(decoding: text, as: UTF8.self)
    }

    /// The header value, version 00.
    public var traceparent: String {
        var text: [UInt8] = []
        text.reserveCapacity(55)
        text += [48, 48, UInt8(ascii: "-")]
        append(traceID: &text)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: span)
        text += [UInt8(ascii: "-"), 48, isSampled ? 49 : 48]
        return String(decoding: text, as: UTF8.self)
    }

    private func append(traceID text: inout [UInt8]) {
        text.reserveCapacity(text.count + 32)
        text.append(hexadecimal: high)
        text.append(hexadecimal: low)
    }

    private static let ids = IDSource()

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

/// Numbers that do not repeat and tell nothing: a trace id is a name, not a secret, so it is not worth a call to the kernel.
/// Splitmix64 from a start that the kernel's generator gave. Any thread.
private struct IDSource: ~Copyable, Sendable {
    private let state = Atomic(UInt64.random(in: 0 ... .max))
    /// Differs between processes whose states come to meet.
    private let mask = UInt64.random(in: 0 ... .max)

    func next() -> UInt64 {
        SplitMix64.mix(state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue) ^ mask
    }
}
