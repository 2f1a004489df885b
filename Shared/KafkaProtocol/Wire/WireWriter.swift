/// Writes Kafka's primitive types; lengths that are known only later are reserved and patched.
public struct WireWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]
    /// The version of the message at hand.
    public var version: Int16 = 0
    /// Whether that version uses compact lengths and tagged fields.
    public var isFlexible = false

    /// Bytes that stay where they are and are sent between those of `bytes`.
    private var inserts: [(position: Int, chunk: ArraySlice<UInt8>)] = []
    private var insertedCount = 0

    /// Starts empty.
    public init() { bytes = [] }
    /// Starts with an array whose capacity is reused; its content is dropped.
    public init(reusing buffer: consuming [UInt8]) {
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
    }

    /// Bytes written, with those inserted by reference.
    public var count: Int { bytes.count + insertedCount }
    /// Makes room for `size` more bytes.
    public mutating func reserve(_ size: Int) { bytes.reserveCapacity(bytes.count + size) }
    /// Empties it and keeps the capacity.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    @inline(__always)
    private mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            shift -= 8
        }
    }

    /// INT8.
    public mutating func int8(_ value: Int8) { bytes.append(UInt8(bitPattern: value)) }
    /// INT16.
    public mutating func int16(_ value: Int16) { integer(value) }
    /// INT32.
    public mutating func int32(_ value: Int32) { integer(value) }
    /// INT64.
    public mutating func int64(_ value: Int64) { integer(value) }
    /// FLOAT64.
    public mutating func float64(_ value: Double) { integer(Int64(bitPattern: value.bitPattern)) }
    /// BOOLEAN.
    public mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// UNSIGNED_VARINT.
    public mutating func unsignedVarint(_ value: UInt32) { unsignedVarlong(UInt64(value)) }
    /// VARINT (zigzag).
    public mutating func varint(_ value: Int32) { unsignedVarint(UInt32(bitPattern: value << 1 ^ value >> 31)) }
    /// VARLONG (zigzag).
    public mutating func varlong(_ value: Int64) { unsignedVarlong(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private mutating func unsignedVarlong(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Bytes as they are, without a length.
    public mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    /// Bytes behind a VARINT length, as in records; nil is -1.
    public mutating func varintBytes(_ value: ArraySlice<UInt8>?) {
        guard let value else { return varint(-1) }
        varint(Int32(truncatingIfNeeded: value.count))
        raw(value)
    }

    /// Writes an INT32 of zero to be set later by `patch`; returns where.
    public mutating func reserveInt32() -> Int {
        int32(0)
        return bytes.count - 4
    }

    /// Sets a reserved INT32.
    public mutating func patch(_ value: Int32, at offset: Int) { bytes.setBigEndian(value, at: offset) }

    /// Puts bytes at the present end without copying them: they appear in `slices`, not in `bytes`.
    public mutating func insert(_ chunk: ArraySlice<UInt8>) {
        inserts.append((bytes.count, chunk))
        insertedCount += chunk.count
    }

    /// Everything in order, for one gathering write.
    public var slices: [ArraySlice<UInt8>] {
        guard !inserts.isEmpty else { return [bytes[...]] }
        var result: [ArraySlice<UInt8>] = []
        result.reserveCapacity(2 * inserts.count + 1)
        var start = 0
        for insert in inserts {
            if insert.position > start { result.append(bytes[start..<insert.position]) }
            result.append(insert.chunk)
            start = insert.position
        }
        if start < bytes.count { result.append(bytes[start...]) }
        return result
    }
}
