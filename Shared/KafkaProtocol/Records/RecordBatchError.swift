/// Why bytes are no record batch that Marquee takes.
public enum RecordBatchError: Error, Sendable, Equatable {
    /// Fewer bytes than the header or its length field ask for.
    case truncated
    /// The length field is smaller than a header or beyond what a batch may have.
    case invalidLength(Int32)
    /// A message format other than 2.
    case unsupportedMagic(Int8)
    /// The CRC-32C of the batch is another than the one it carries.
    case checksumMismatch
    /// Bits 0 to 2 of the attributes name no codec.
    case unsupportedCompression(UInt16)
    /// Offset delta and record count contradict each other, or a producer id comes without a sequence.
    case inconsistentHeader
    /// A record inside runs over its end, or has a negative length that is not -1.
    case malformedRecord
    /// The compressed payload cannot be decoded.
    case malformedCompression
    /// Decompressing gives more bytes than allowed.
    case tooLarge(limit: Int)
}
