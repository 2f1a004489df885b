/// Walks the records of one batch, decompressing it first when needed.
///
///     length varint | attributes i8 | timestampDelta varlong | offsetDelta varint
///     keyLength varint | key | valueLength varint | value | headerCount varint | (keyLength key valueLength value)*
public struct RecordCursor: Sendable {
    /// Most bytes that a batch may have after decompression, unless the caller says otherwise.
    public static let defaultDecompressedLimit = 64 << 20

    /// The header of the batch.
    public let header: RecordBatchHeader
    private var reader: WireReader
    private var remaining: Int32

    /// Starts at the first record of the batch at `bytes[start...]`. Errors: those of the header, truncated,
    /// unsupportedCompression, malformedCompression, tooLarge. The checksum is not verified here.
    public init(
        _ bytes: [UInt8],
        at start: Int = 0,
        decompressedLimit: Int = RecordCursor.defaultDecompressedLimit
    ) throws(RecordBatchError) {
        header = try RecordBatchHeader(bytes.span, at: start)
        guard bytes.count - start >= header.totalSize else { throw .truncated }
        guard let compression = header.attributes.compression else {
            throw .unsupportedCompression(header.attributes.compressionCode)
        }
        let records = start + RecordBatchHeader.size..<start + header.totalSize
        if compression == .none {
            reader = WireReader(bytes, in: records)
        } else {
            let plain = try compression.decompress(bytes.span.extracting(records), limit: decompressedLimit)
            reader = WireReader(plain)
        }
        remaining = header.recordCount
    }

    /// The next record; nil after the last. Errors: malformedRecord.
    public mutating func next() throws(RecordBatchError) -> Record? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        do throws(WireError) {
            return try readRecord()
        } catch {
            throw .malformedRecord
        }
    }

    private mutating func readRecord() throws(WireError) -> Record {
        let length = Int(try reader.varint())
        guard length >= 0, length <= reader.remaining else { throw .truncated }
        let end = reader.position + length
        _ = try reader.int8()
        let timestampDelta = try reader.varlong()
        let offsetDelta = try reader.varint()
        let key = try reader.varintBytes()
        let value = try reader.varintBytes()
        let headers = try readHeaders()
        guard reader.position == end else { throw .invalidLength }
        let isBrokerTime = header.attributes.contains(.logAppendTime)
        return Record(
            offset: header.baseOffset &+ Int64(offsetDelta),
            timestamp: isBrokerTime ? header.maxTimestamp : header.baseTimestamp &+ timestampDelta,
            key: key,
            value: value,
            headers: headers
        )
    }

    private mutating func readHeaders() throws(WireError) -> [RecordHeader] {
        let count = Int(try reader.varint())
        // A header has at least two bytes, so a hostile count cannot make the array large.
        guard count >= 0, count <= reader.remaining / 2 else { throw .invalidLength }
        var headers: [RecordHeader] = []
        if count > 0 { headers.reserveCapacity(count) }
        for _ in 0..<count {
            guard let key = try reader.varintBytes() else { throw .invalidLength }
            headers.append(RecordHeader(key: key, value: try reader.varintBytes()))
        }
        return headers
    }
}
