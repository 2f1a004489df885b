/// Kafka's codecs for record batches; the raw value is the number in a batch's attributes.
public enum Compression: UInt8, Sendable, CaseIterable {
    /// Records as they are.
    case none = 0
    /// gzip (RFC 1952).
    case gzip = 1
    /// Snappy in xerial's framing; raw Snappy is read too.
    case snappy = 2
    /// The LZ4 frame format with blocks of 64 KiB.
    case lz4 = 3
    /// Zstandard (RFC 8878).
    case zstd = 4

    /// The plain bytes, at most `limit` of them: output is checked while it grows, so that a small input cannot ask for
    /// much memory. Errors: malformedCompression, tooLarge.
    public func decompress(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        switch self {
        case .none: return try copy(bytes, limit: limit)
        case .gzip: return try Gzip.decompress(bytes, limit: limit)
        case .snappy: return try Snappy.decompress(bytes, limit: limit)
        case .lz4: return try LZ4.decompress(bytes, limit: limit)
        case .zstd: return try Zstandard.decompress(bytes, limit: limit)
        }
    }

    /// The compressed bytes. Errors: malformedCompression when the library fails.
    public func compress(_ bytes: Span<UInt8>) throws(RecordBatchError) -> [UInt8] {
        switch self {
        case .none: return try copy(bytes, limit: bytes.count)
        case .gzip: return try Gzip.compress(bytes)
        case .snappy: return try Snappy.compress(bytes)
        case .lz4: return try LZ4.compress(bytes)
        case .zstd: return try Zstandard.compress(bytes)
        }
    }

    private func copy(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        return Array(bytes)
    }
}

/// Output of a decoder that says how much there is only while it goes: grows by chunks up to a limit.
struct BoundedOutput {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Lets `body` fill up to `chunk` bytes and keeps as many as it says it wrote.
    mutating func grow(
        by chunk: Int,
        _ body: (UnsafeMutableBufferPointer<UInt8>) throws(RecordBatchError) -> Int
    ) throws(RecordBatchError) {
        // One byte over the limit tells "exactly full" from "more to come".
        let size = min(chunk, limit - bytes.count + 1)
        let start = bytes.count
        bytes += [UInt8](repeating: 0, count: size)
        var failure: RecordBatchError?
        var written = 0
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            do throws(RecordBatchError) {
                written = unsafe try body(UnsafeMutableBufferPointer(rebasing: buffer[start...]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        bytes.removeLast(size - written)
        if bytes.count > limit { throw .tooLarge(limit: limit) }
    }
}

extension [UInt8] {
    /// A copy of a span.
    init(_ bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// An array of at most `capacity` bytes that `body` fills; it returns how many it wrote, nil when it failed.
    static func filled(
        capacity: Int,
        _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int?
    ) throws(RecordBatchError) -> [UInt8] {
        var failed = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            if let written = unsafe body(buffer) { count = written } else { failed = true }
        }
        if failed { throw .malformedCompression }
        return result
    }
}
