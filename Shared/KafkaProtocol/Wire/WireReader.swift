/// Reads Kafka's primitive types from bytes, checking every bound: input never traps and never makes it allocate more
/// than the message's own size. Slices it hands out share the message's storage.
public struct WireReader: Sendable {
    private let bytes: [UInt8]
    /// Index of the next byte.
    public private(set) var position: Int
    private let end: Int
    /// The version of the message at hand.
    public var version: Int16 = 0
    /// Whether that version uses compact lengths and tagged fields.
    public var isFlexible = false

    /// Reads all of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Reads a part of `bytes`; the range is clamped to what there is.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// Bytes not yet read.
    public var remaining: Int { end - position }

    @inline(__always)
    private mutating func integer<Value: FixedWidthInteger>() throws(WireError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw .truncated }
        let value: Value = bytes.span.bigEndian(at: position)
        position += size
        return value
    }

    /// INT8.
    public mutating func int8() throws(WireError) -> Int8 { try integer() }
    /// INT16.
    public mutating func int16() throws(WireError) -> Int16 { try integer() }
    /// INT32.
    public mutating func int32() throws(WireError) -> Int32 { try integer() }
    /// INT64.
    public mutating func int64() throws(WireError) -> Int64 { try integer() }
    /// FLOAT64.
    public mutating func float64() throws(WireError) -> Double { Double(bitPattern: try integer()) }
    /// BOOLEAN: anything but 0 is true.
    public mutating func bool() throws(WireError) -> Bool { try int8() != 0 }

    /// UNSIGNED_VARINT, at most 32 bits.
    public mutating func unsignedVarint() throws(WireError) -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), through: 28, by: 7) {
            guard position < end else { throw .truncated }
            let byte = bytes[position]
            position += 1
            if shift == 28, byte > 0x0F { throw .invalidVarint }
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .invalidVarint
    }

    /// VARINT (zigzag).
    public mutating func varint() throws(WireError) -> Int32 {
        let value = try unsignedVarint()
        return Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)
    }

    /// VARLONG (zigzag).
    public mutating func varlong() throws(WireError) -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < end else { throw .truncated }
            let byte = bytes[position]
            position += 1
            if shift == 63, byte > 1 { throw .invalidVarint }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
        }
        throw .invalidVarint
    }

    /// The next `count` bytes.
    public mutating func slice(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0 else { throw .invalidLength }
        guard count <= remaining else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Bytes behind a VARINT length, as in records; nil for -1.
    public mutating func varintBytes() throws(WireError) -> ArraySlice<UInt8>? {
        let count = Int(try varint())
        if count == -1 { return nil }
        return try slice(count)
    }
}
