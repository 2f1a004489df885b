import CCompression

/// gzip by zlib.
enum Gzip {
    private static let chunk = 64 << 10
    private static let level: Int32 = 1

    static func decompress(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe compression_gzip_inflate_init(&stream) == Z_OK else { throw .malformedCompression }
        defer { unsafe _ = inflateEnd(&stream) }
        var output = BoundedOutput(limit: limit)
        let input = Array(bytes)
        var failure: RecordBatchError?
        unsafe input.withUnsafeBufferPointer { source in
            // zlib's `next_in` is not const by history; it does not write there.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.avail_in = UInt32(truncatingIfNeeded: source.count)
            do throws(RecordBatchError) {
                var isDone = false
                while !isDone {
                    try unsafe output.grow(by: chunk) { (buffer) throws(RecordBatchError) in
                        unsafe stream.next_out = buffer.baseAddress
                        unsafe stream.avail_out = UInt32(buffer.count)
                        let code = unsafe inflate(&stream, Z_NO_FLUSH)
                        isDone = code == Z_STREAM_END
                        guard code == Z_OK || isDone else { throw .malformedCompression }
                        return unsafe buffer.count - Int(stream.avail_out)
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return output.bytes
    }

    static func compress(_ bytes: Span<UInt8>) throws(RecordBatchError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe compression_gzip_deflate_init(&stream, level) == Z_OK else { throw .malformedCompression }
        defer { unsafe _ = deflateEnd(&stream) }
        let input = Array(bytes)
        let capacity = unsafe Int(deflateBound(&stream, UInt(input.count)))
        return unsafe try [UInt8].filled(capacity: capacity) { buffer in
            unsafe input.withUnsafeBufferPointer { source in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.avail_in = UInt32(truncatingIfNeeded: source.count)
                unsafe stream.next_out = buffer.baseAddress
                unsafe stream.avail_out = UInt32(truncatingIfNeeded: buffer.count)
                guard unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
                return unsafe buffer.count - Int(stream.avail_out)
            }
        }
    }
}
