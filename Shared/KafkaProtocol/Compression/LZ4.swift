import CCompression

/// The LZ4 frame format by liblz4.
enum LZ4 {
    private static let chunk = 64 << 10

    static func decompress(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        var context: OpaquePointer?
        guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else {
            throw .malformedCompression
        }
        defer { unsafe _ = LZ4F_freeDecompressionContext(context) }
        var output = BoundedOutput(limit: limit)
        let input = Array(bytes)
        var consumed = 0
        var hint = 1
        // A hint of 0 is the frame's end; input that is used up before it is a torn frame.
        while hint != 0 {
            var progressed = false
            unsafe try output.grow(by: chunk) { (buffer) throws(RecordBatchError) in
                var written = buffer.count
                var taken = input.count - consumed
                hint = unsafe input.withUnsafeBufferPointer { source in
                    let rest = unsafe UnsafeBufferPointer(rebasing: source[consumed...])
                    return unsafe LZ4F_decompress(
                        context,
                        buffer.baseAddress,
                        &written,
                        rest.baseAddress,
                        &taken,
                        nil
                    )
                }
                guard LZ4F_isError(hint) == 0 else { throw .malformedCompression }
                consumed += taken
                progressed = taken > 0 || written > 0
                return written
            }
            guard hint == 0 || progressed else { throw .malformedCompression }
        }
        return output.bytes
    }

    static func compress(_ bytes: Span<UInt8>) throws(RecordBatchError) -> [UInt8] {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        let input = Array(bytes)
        let bound = unsafe LZ4F_compressFrameBound(input.count, &preferences)
        return unsafe try [UInt8].filled(capacity: bound) { buffer in
            let written = unsafe LZ4F_compressFrame(buffer.baseAddress, bound, input, input.count, &preferences)
            return LZ4F_isError(written) == 0 ? written : nil
        }
    }
}
