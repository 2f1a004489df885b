/// The types whose form depends on the message's version: compact lengths and tagged fields in flexible ones (KIP-482).
extension WireReader {
    /// A length or count: N + 1 as UNSIGNED_VARINT in flexible messages, else INT16 or INT32; -1 stands for null.
    private mutating func length(isShort: Bool) throws(WireError) -> Int {
        if isFlexible { return Int(try unsignedVarint()) - 1 }
        return isShort ? Int(try int16()) : Int(try int32())
    }

    /// STRING or COMPACT_STRING.
    public mutating func string() throws(WireError) -> String {
        guard let text = try nullableString() else { throw .unexpectedNull }
        return text
    }

    /// NULLABLE_STRING or COMPACT_NULLABLE_STRING.
    public mutating func nullableString() throws(WireError) -> String? {
        let count = try length(isShort: true)
        if count == -1 { return nil }
        guard let text = String(validating: try slice(count), as: UTF8.self) else { throw .invalidText }
        return text
    }

    /// BYTES or COMPACT_BYTES, copied: what is kept must not keep the whole request.
    public mutating func byteArray() throws(WireError) -> [UInt8] {
        guard let value = try nullableRecords() else { throw .unexpectedNull }
        return Array(value)
    }

    /// RECORDS, as a slice of the message.
    public mutating func records() throws(WireError) -> ArraySlice<UInt8> {
        guard let value = try nullableRecords() else { throw .unexpectedNull }
        return value
    }

    /// RECORDS, as a slice of the message; nil when null.
    public mutating func nullableRecords() throws(WireError) -> ArraySlice<UInt8>? {
        let count = try length(isShort: false)
        if count == -1 { return nil }
        return try slice(count)
    }

    /// RECORDS as one piece, or none.
    public mutating func recordChunks() throws(WireError) -> [ArraySlice<UInt8>] {
        guard let value = try nullableRecords(), !value.isEmpty else { return [] }
        return [value]
    }

    /// ARRAY or COMPACT_ARRAY.
    public mutating func array<Element>(
        _ element: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard let value = try nullableArray(element) else { throw .unexpectedNull }
        return value
    }

    /// ARRAY or COMPACT_ARRAY; nil when null. No room is reserved ahead: the count is the sender's word.
    public mutating func nullableArray<Element>(
        _ element: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element]? {
        let count = try length(isShort: false)
        if count == -1 { return nil }
        guard count >= 0, count <= remaining else { throw .invalidLength }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    /// UUID.
    public mutating func topicID() throws(WireError) -> TopicID {
        TopicID(high: UInt64(bitPattern: try int64()), low: UInt64(bitPattern: try int64()))
    }

    /// Steps over the tagged fields of a flexible message; does nothing in others.
    public mutating func skipTags() throws(WireError) {
        guard isFlexible else { return }
        for _ in 0..<(try unsignedVarint()) {
            _ = try unsignedVarint()
            _ = try slice(Int(try unsignedVarint()))
        }
    }
}
