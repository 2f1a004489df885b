import CCompression

/// Snappy in the framing of xerial's snappy-java, which Kafka uses, and raw Snappy.
///
///     82 'SNAPPY' 00 | version i32 | compatible i32 | (length i32 | block)*
enum Snappy {
    private static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0]
    private static let headerSize = 16
    private static let blockSize = 32 << 10

    static func decompress(_ bytes: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        let isFramed = bytes.count >= headerSize && magic.indices.allSatisfy { bytes[$0] == magic[$0] }
        guard isFramed else { return try decompressBlock(bytes, limit: limit) }
        var output: [UInt8] = []
        var position = headerSize
        while position < bytes.count {
            guard bytes.count - position >= 4 else { throw .malformedCompression }
            let length = Int(bytes.bigEndian(at: position, as: Int32.self))
            position += 4
            guard length >= 0, length <= bytes.count - position else { throw .malformedCompression }
            let block = bytes.extracting(position..<position + length)
            output += try decompressBlock(block, limit: limit - output.count)
            position += length
        }
        return output
    }

    private static func decompressBlock(_ block: Span<UInt8>, limit: Int) throws(RecordBatchError) -> [UInt8] {
        let source = Array(block).map { CChar(bitPattern: $0) }
        var size = 0
        guard unsafe snappy_uncompressed_length(source, source.count, &size) == SNAPPY_OK else {
            throw .malformedCompression
        }
        guard size <= limit else { throw .tooLarge(limit: limit) }
        return unsafe try [UInt8].filled(capacity: size) { buffer in
            guard let target = buffer.baseAddress else { return 0 }
            var written = size
            let code = unsafe target.withMemoryRebound(to: CChar.self, capacity: size) {
                unsafe snappy_uncompress(source, source.count, $0, &written)
            }
            return code == SNAPPY_OK ? written : nil
        }
    }

    static func compress(_ bytes: Span<UInt8>) throws(RecordBatchError) -> [UInt8] {
        var output = magic + [0, 0, 0, 1, 0, 0, 0, 1]
        let source = Array(bytes).map { CChar(bitPattern: $0) }
        for start in stride(from: 0, to: source.count, by: blockSize) {
            let block = Array(source[start..<min(start + blockSize, source.count)])
            let bound = snappy_max_compressed_length(block.count)
            let compressed = unsafe try [UInt8].filled(capacity: bound) { buffer in
                guard let target = buffer.baseAddress else { return nil }
                var written = bound
                let code = unsafe target.withMemoryRebound(to: CChar.self, capacity: bound) {
                    unsafe snappy_compress(block, block.count, $0, &written)
                }
                return code == SNAPPY_OK ? written : nil
            }
            output += [0, 0, 0, 0]
            output.setBigEndian(Int32(compressed.count), at: output.count - 4)
            output += compressed
        }
        return output
    }
}
