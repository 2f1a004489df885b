/// The 61 bytes in front of the records of a batch, message format 2 (KIP-98); all integers big-endian.
///
///     0  baseOffset i64 | 8 batchLength i32 | 12 partitionLeaderEpoch i32 | 16 magic i8 = 2 | 17 crc u32
///     21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64
///     43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32 | 57 recordCount i32 | 61 records
///
/// The CRC-32C covers everything from the attributes on, so offset and leader epoch are rewritten without it.
public struct RecordBatchHeader: Sendable, Equatable {
    /// Bytes of the header.
    public static let size = 61
    /// Bytes in front of what `batchLength` counts.
    public static let lengthPrefixSize = 12
    /// The one message format that is read and written.
    public static let magic: Int8 = 2
    static let checksumStart = 21

    /// Offset of the first record (of the batch as produced; compaction may have removed it).
    public var baseOffset: Int64
    /// Bytes after the length field.
    public var batchLength: Int32
    /// Epoch of the leader that appended the batch.
    public var leaderEpoch: Int32
    /// The CRC-32C that the batch carries.
    public var checksum: UInt32
    /// Codec and flags.
    public var attributes: RecordBatchAttributes
    /// Offset of the last record, relative to `baseOffset`; kept by compaction.
    public var lastOffsetDelta: Int32
    /// Milliseconds since 1970; what record timestamps are relative to. With `hasDeleteHorizon`, that horizon.
    public var baseTimestamp: Int64
    /// The largest timestamp of the records, milliseconds since 1970.
    public var maxTimestamp: Int64
    /// Id of an idempotent producer, or -1.
    public var producerID: Int64
    /// Epoch of that producer, or -1.
    public var producerEpoch: Int16
    /// Sequence number of the first record, or -1.
    public var baseSequence: Int32
    /// Number of records that are in the batch.
    public var recordCount: Int32

    /// Reads the header at `start`; the records behind it need not be there. Errors: truncated, invalidLength,
    /// unsupportedMagic.
    public init(_ bytes: Span<UInt8>, at start: Int = 0) throws(RecordBatchError) {
        guard start >= 0, bytes.count - start >= Self.size else { throw .truncated }
        let magic = Int8(bitPattern: bytes[start + 16])
        guard magic == Self.magic else { throw .unsupportedMagic(magic) }
        baseOffset = bytes.bigEndian(at: start)
        batchLength = bytes.bigEndian(at: start + 8)
        guard batchLength >= Self.size - Self.lengthPrefixSize, batchLength <= Int32.max - 64 else {
            throw .invalidLength(batchLength)
        }
        leaderEpoch = bytes.bigEndian(at: start + 12)
        checksum = bytes.bigEndian(at: start + 17)
        attributes = RecordBatchAttributes(rawValue: bytes.bigEndian(at: start + 21))
        lastOffsetDelta = bytes.bigEndian(at: start + 23)
        baseTimestamp = bytes.bigEndian(at: start + 27)
        maxTimestamp = bytes.bigEndian(at: start + 35)
        producerID = bytes.bigEndian(at: start + 43)
        producerEpoch = bytes.bigEndian(at: start + 51)
        baseSequence = bytes.bigEndian(at: start + 53)
        recordCount = bytes.bigEndian(at: start + 57)
    }

    /// Bytes of the whole batch.
    public var totalSize: Int { Int(batchLength) + Self.lengthPrefixSize }
    /// Offset of the last record.
    public var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    /// The offset after the batch.
    public var nextOffset: Int64 { lastOffset &+ 1 }
    /// Until when compaction keeps the batch's tombstones and markers, milliseconds since 1970; nil: not decided yet.
    public var deleteHorizon: Int64? { attributes.contains(.hasDeleteHorizon) ? baseTimestamp : nil }
    /// Sequence number of the last record, wrapping from 2^31-1 to 0; -1 when there is none.
    public var lastSequence: Int32 {
        baseSequence < 0 ? -1 : (baseSequence &+ lastOffsetDelta) & Int32.max
    }
}

/// Codec and flags of a record batch.
public struct RecordBatchAttributes: OptionSet, Sendable, Hashable {
    /// The two bytes as they stand in the header.
    public let rawValue: UInt16
    /// Wraps the two bytes of the header.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Timestamps are the broker's: every record has the batch's `maxTimestamp`.
    public static let logAppendTime = RecordBatchAttributes(rawValue: 1 << 3)
    /// The batch belongs to a transaction.
    public static let transactional = RecordBatchAttributes(rawValue: 1 << 4)
    /// The batch holds a marker of the transaction coordinator.
    public static let control = RecordBatchAttributes(rawValue: 1 << 5)
    /// `baseTimestamp` says until when compaction keeps tombstones and markers.
    public static let hasDeleteHorizon = RecordBatchAttributes(rawValue: 1 << 6)

    /// The codec's number, 0 to 7.
    public var compressionCode: UInt16 { rawValue & 7 }
    /// The codec; nil for a number without one.
    public var compression: Compression? { Compression(rawValue: UInt8(compressionCode)) }
}

extension Span<UInt8> {
    /// The big-endian integer whose first byte stands at `offset`. The caller has checked the bounds; Span traps else.
    func bigEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
        var value: Value = 0
        for index in offset..<offset + MemoryLayout<Value>.size {
            value = value << 8 | Value(truncatingIfNeeded: self[index])
        }
        return value
    }
}
