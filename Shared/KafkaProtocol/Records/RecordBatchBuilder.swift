/// Builds one record batch: the broker's own records (offsets, markers), compaction and tests.
public struct RecordBatchBuilder: Sendable {
    private let baseOffset: Int64
    private let leaderEpoch: Int32
    private let attributes: RecordBatchAttributes
    private let compression: Compression
    private let producerID: Int64
    private let producerEpoch: Int16
    private let baseSequence: Int32
    private var records = WireWriter()
    private var record = WireWriter()
    private var count: Int32 = 0
    private var nextDelta: Int32 = 0
    private var baseTimestamp: Int64?
    private var maxTimestamp: Int64 = -1

    /// An empty batch. `attributes` holds flags only; the codec comes from `compression`. With a `deleteHorizon`,
    /// milliseconds since 1970, the batch says until when compaction keeps its tombstones and markers (KIP-534).
    public init(
        baseOffset: Int64 = 0,
        leaderEpoch: Int32 = -1,
        compression: Compression = .none,
        attributes: RecordBatchAttributes = [],
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1,
        baseSequence: Int32 = -1,
        deleteHorizon: Int64? = nil
    ) {
        self.baseOffset = baseOffset
        self.leaderEpoch = leaderEpoch
        self.compression = compression
        self.attributes = deleteHorizon == nil ? attributes : attributes.union(.hasDeleteHorizon)
        baseTimestamp = deleteHorizon
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
    }

    /// Number of records so far.
    public var recordCount: Int { Int(count) }
    /// Bytes of the records so far, before compression.
    public var recordsSize: Int { records.count }

    /// Appends a record. `timestamp` is in milliseconds since 1970; `offset` is absolute, not below the ones before,
    /// and by default the one after the last.
    public mutating func append(
        timestamp: Int64,
        key: ArraySlice<UInt8>?,
        value: ArraySlice<UInt8>?,
        headers: [RecordHeader] = [],
        offset: Int64? = nil
    ) {
        let base = baseTimestamp ?? timestamp
        baseTimestamp = base
        maxTimestamp = max(maxTimestamp, timestamp)
        let delta = offset.map { Int32(truncatingIfNeeded: $0 &- baseOffset) } ?? nextDelta
        record.removeAll()
        record.int8(0)
        record.varlong(timestamp &- base)
        record.varint(delta)
        record.varintBytes(key)
        record.varintBytes(value)
        record.varint(Int32(truncatingIfNeeded: headers.count))
        for header in headers {
            record.varintBytes(header.key)
            record.varintBytes(header.value)
        }
        records.varint(Int32(truncatingIfNeeded: record.count))
        records.raw(record.bytes)
        nextDelta = delta &+ 1
        count += 1
    }

    /// The finished batch with its checksum. `lastOffset` (absolute) keeps the span of a compacted batch whose last
    /// records are gone. Errors: malformedCompression.
    public func finish(lastOffset: Int64? = nil) throws(RecordBatchError) -> [UInt8] {
        var payload = records.bytes
        if compression != .none { payload = try compression.compress(payload.span) }
        var writer = WireWriter()
        writer.reserve(RecordBatchHeader.size + payload.count)
        writer.int64(baseOffset)
        writer.int32(Int32(RecordBatchHeader.size - RecordBatchHeader.lengthPrefixSize + payload.count))
        writer.int32(leaderEpoch)
        writer.int8(RecordBatchHeader.magic)
        writer.int32(0)
        writer.int16(Int16(bitPattern: attributes.rawValue & ~7 | UInt16(compression.rawValue)))
        writer.int32(lastOffset.map { Int32(truncatingIfNeeded: $0 &- baseOffset) } ?? max(nextDelta - 1, 0))
        writer.int64(baseTimestamp ?? -1)
        writer.int64(maxTimestamp)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.int32(baseSequence)
        writer.int32(count)
        writer.raw(payload)
        var bytes = writer.bytes
        let checksum = CRC32C.checksum(bytes.span.extracting(RecordBatchHeader.checksumStart..<bytes.count))
        bytes.setBigEndian(checksum, at: 17)
        return bytes
    }
}

extension RecordBatchHeader {
    /// The batch without its records: its offsets and its producer's sequence stay known (compaction keeps the last batch
    /// of a producer so). Its time is that of the batch.
    public var emptyBatch: [UInt8] {
        let flags = attributes.intersection([.logAppendTime, .transactional, .control])
        var writer = WireWriter()
        writer.int64(baseOffset)
        writer.int32(Int32(Self.size - Self.lengthPrefixSize))
        writer.int32(leaderEpoch)
        writer.int8(Self.magic)
        writer.int32(0)
        writer.int16(Int16(bitPattern: flags.rawValue))
        writer.int32(lastOffsetDelta)
        writer.int64(-1)
        writer.int64(maxTimestamp)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        writer.int32(baseSequence)
        writer.int32(0)
        var bytes = writer.bytes
        bytes.setBigEndian(CRC32C.checksum(bytes.span.extracting(Self.checksumStart..<bytes.count)), at: 17)
        return bytes
    }
}
