import CCompression

/// Zstandard by libzstd.
enum Zstandard {
    private static let chunk = 128 << 10
    private static let level: Int32 = 1
    /// 8 MiB: what a decoder must support (RFC 8878); more would let a small frame ask for gigabytes.
    private static let maximumWindowLog: Int32 = 23

    static func decompress(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        guard let stream = unsafe ZSTD_createDStream() else { throw .malformedCompression }
        defer { unsafe _ = ZSTD_freeDStream(stream) }
        guard unsafe ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, maximumWindowLog)) == 0 else {
            throw .malformedCompression
        }
        var output = BoundedOutput(limit: limit)
        let source = Array(bytes)
        var consumed = 0
        var hint = 1
        while hint != 0 || consumed < source.count {
            var progressed = false
            unsafe try output.grow(by: chunk) { (buffer) throws(RecordBatchError) in
                var written = 0
                let before = consumed
                hint = unsafe source.withUnsafeBufferPointer { pointer in
                    var input = unsafe ZSTD_inBuffer(src: pointer.baseAddress, size: pointer.count, pos: consumed)
                    var target = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                    let code = unsafe ZSTD_decompressStream(stream, &target, &input)
                    consumed = unsafe input.pos
                    written = unsafe target.pos
                    return code
                }
                guard ZSTD_isError(hint) == 0 else { throw .malformedCompression }
                progressed = consumed > before || written > 0
                return written
            }
            guard hint == 0 || progressed else { throw .malformedCompression }
        }
        return output.bytes
    }

    static func compress(_ bytes: Span<UInt8>) throws(RecordBatchError) -> [UInt8] {
        let source = Array(bytes)
        let bound = ZSTD_compressBound(source.count)
        return unsafe try [UInt8].filled(capacity: bound) { buffer in
            let written = unsafe ZSTD_compress(buffer.baseAddress, bound, source, source.count, level)
            return ZSTD_isError(written) == 0 ? written : nil
        }
    }
}
