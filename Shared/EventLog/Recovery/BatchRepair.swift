import KafkaProtocol

/// Finds the one bit that has flipped in a batch. Its checksum tells a single wrong bit from every other, so that what it
/// said of its producer and the transaction is known again; the file stays as it is, and readers are told of the damage.
enum BatchRepair {
    /// Batches of at most so many bytes are mended in their records too: a marker has 78.
    private static let smallBatch = 128

    /// The batch as it was, which lies in `offsets`. Where no bit of its header makes it right its records are damaged, and
    /// the header is as it was. Nil when more than one bit is wrong.
    static func mended(
        _ damaged: [UInt8],
        in offsets: Range<Int64>
    ) -> (header: RecordBatchHeader, bytes: [UInt8])? {
        var bytes = damaged
        guard bytes.count >= RecordBatchHeader.size else { return nil }
        let fits = { (header: RecordBatchHeader) in
            header.totalSize == damaged.count && header.lastOffsetDelta >= 0 && header.nextOffset <= offsets.upperBound
                && offsets.contains(header.baseOffset)
        }
        let count = bytes.count <= smallBatch ? bytes.count : RecordBatchHeader.size
        for position in 0..<count {
            for bit in 0..<8 {
                bytes[position] ^= 1 << bit
                if let header = try? RecordBatchHeader(bytes.span), fits(header),
                    (try? header.verifyChecksum(bytes.span)) != nil
                {
                    return (header, bytes)
                }
                bytes[position] ^= 1 << bit
            }
        }
        guard let header = try? RecordBatchHeader(bytes.span), fits(header) else { return nil }
        return (header, bytes)
    }
}
