/// The types whose form depends on the message's version: compact lengths and tagged fields in flexible ones (KIP-482).
extension WireWriter {
    private mutating func length(_ count: Int?, isShort: Bool) {
        if isFlexible {
            unsignedVarint(UInt32(truncatingIfNeeded: (count ?? -1) + 1))
        } else if isShort {
            int16(Int16(truncatingIfNeeded: count ?? -1))
        } else {
            int32(Int32(truncatingIfNeeded: count ?? -1))
        }
    }

    /// STRING, NULLABLE_STRING or a compact one. Callers keep texts under 32 KiB.
    public mutating func string(_ value: String?) {
        length(value?.utf8.count, isShort: true)
        if let value { raw(value.utf8) }
    }

    /// BYTES, NULLABLE_BYTES or compact ones.
    public mutating func byteArray(_ value: [UInt8]?) {
        length(value?.count, isShort: false)
        if let value { raw(value) }
    }

    /// RECORDS.
    public mutating func records(_ value: ArraySlice<UInt8>?) {
        length(value?.count, isShort: false)
        if let value { raw(value) }
    }

    /// RECORDS in pieces. Large pieces are not copied: the message is then in `slices`.
    public mutating func recordChunks(_ chunks: [ArraySlice<UInt8>]) {
        length(chunks.reduce(0) { $0 + $1.count }, isShort: false)
        for chunk in chunks {
            if chunk.count < Self.copyLimit { raw(chunk) } else { insert(chunk) }
        }
    }

    /// Below this a copy is cheaper than one more piece in a gathering write.
    private static var copyLimit: Int { 4096 }

    /// ARRAY or COMPACT_ARRAY; nil is null.
    public mutating func array<Element>(_ elements: [Element]?, _ write: (inout WireWriter, Element) -> Void) {
        length(elements?.count, isShort: false)
        for element in elements ?? [] { write(&self, element) }
    }

    /// UUID.
    public mutating func topicID(_ value: TopicID) {
        int64(Int64(bitPattern: value.high))
        int64(Int64(bitPattern: value.low))
    }

    /// The empty set of tagged fields that ends every structure of a flexible message; nothing in others.
    public mutating func tags() {
        if isFlexible { unsignedVarint(0) }
    }
}
