extension RecordBatchHeader {
    /// Checks that `bytes[start...]` holds the whole batch and that its CRC-32C is right. Errors: truncated,
    /// checksumMismatch.
    public func verifyChecksum(_ bytes: Span<UInt8>, at start: Int = 0) throws(RecordBatchError) {
        guard bytes.count - start >= totalSize else { throw .truncated }
        let covered = bytes.extracting(start + Self.checksumStart..<start + totalSize)
        guard CRC32C.checksum(covered) == checksum else { throw .checksumMismatch }
    }

    /// What a broker asks of a batch from a client beyond its checksum: consistent offsets and count, a known codec,
    /// no control batch, a sequence with every producer id (LogValidator of Apache Kafka).
    public func validateProduced() throws(RecordBatchError) {
        guard attributes.compression != nil else { throw .unsupportedCompression(attributes.compressionCode) }
        guard baseOffset == 0, recordCount > 0, lastOffsetDelta >= 0, lastOffsetDelta == recordCount - 1,
            !attributes.contains(.control), !attributes.contains(.hasDeleteHorizon),
            producerID >= 0 ? baseSequence >= 0 && producerEpoch >= 0 : !attributes.contains(.transactional)
        else { throw .inconsistentHeader }
    }
}

/// Changes to a batch in place. `start` is where the batch begins in the array; the caller has parsed its header there.
extension [UInt8] {
    /// Sets base offset and leader epoch; the checksum does not cover them.
    public mutating func setRecordBatch(at start: Int = 0, baseOffset: Int64, leaderEpoch: Int32) {
        setBigEndian(baseOffset, at: start)
        setBigEndian(leaderEpoch, at: start + 12)
    }

    /// Marks the batch with the broker's time (`message.timestamp.type=LogAppendTime`) and renews the checksum.
    public mutating func setRecordBatchLogAppendTime(at start: Int = 0, header: RecordBatchHeader, time: Int64) {
        setBigEndian(header.attributes.union(.logAppendTime).rawValue, at: start + 21)
        setBigEndian(time, at: start + 35)
        let checksum = CRC32C.checksum(
            span.extracting(start + RecordBatchHeader.checksumStart..<start + header.totalSize)
        )
        setBigEndian(checksum, at: start + 17)
    }

    /// The batch with its records in another codec; the array holds nothing else. Errors: those of both codecs, tooLarge.
    public func recompressedRecordBatch(
        header: RecordBatchHeader,
        to codec: Compression,
        decompressedLimit: Int = RecordCursor.defaultDecompressedLimit
    ) throws(RecordBatchError) -> [UInt8] {
        guard let present = header.attributes.compression else {
            throw .unsupportedCompression(header.attributes.compressionCode)
        }
        guard count == header.totalSize else { throw .truncated }
        let payload = span.extracting(RecordBatchHeader.size..<count)
        let plain = try present.decompress(payload, limit: decompressedLimit)
        var batch = Array(self[..<RecordBatchHeader.size])
        batch += try codec.compress(plain.span)
        let attributes = header.attributes.rawValue - header.attributes.compressionCode + UInt16(codec.rawValue)
        batch.setBigEndian(Int32(batch.count - RecordBatchHeader.lengthPrefixSize), at: 8)
        batch.setBigEndian(attributes, at: 21)
        let checksum = CRC32C.checksum(batch.span.extracting(RecordBatchHeader.checksumStart..<batch.count))
        batch.setBigEndian(checksum, at: 17)
        return batch
    }

    /// Overwrites bytes from `offset` on with a big-endian integer.
    mutating func setBigEndian(_ value: some FixedWidthInteger, at offset: Int) {
        let size = value.bitWidth / 8
        for index in 0..<size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> ((size - 1 - index) * 8))
        }
    }
}
