import CPlatform

/// The checksum of record batches and of our own files: CRC-32C (Castagnoli, RFC 3720).
public enum CRC32C {
    /// The checksum of `bytes`, continued from `seed` (the checksum of what came before; 0 at the start). Any thread.
    public static func checksum(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe platform_crc32c(seed, buffer.baseAddress, buffer.count)
        }
    }

    /// The same without the processor's instruction, to test the fast path against.
    static func checksumByTable(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe platform_crc32c_table(seed, buffer.baseAddress, buffer.count)
        }
    }
}
