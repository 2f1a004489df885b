import Glibc

/// The addresses of several slices for one gathering write.
enum IOVectors {
    /// Slices in one call.
    static let limit = 16

    /// Calls `body` with what is left of the slices from `index` on, the first one without its first `offset` bytes.
    static func with<Result>(
        _ slices: [ArraySlice<UInt8>],
        from index: Int,
        offset: Int,
        _ body: (UnsafeMutableBufferPointer<iovec>, Int) -> Result
    ) -> Result {
        let count = min(slices.count - index, limit)
        return unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { vectors in
            unsafe gather(slices, index, offset, into: vectors, at: 0, body)
        }
    }

    // One level of recursion a slice, because an address is valid only inside of its closure.
    private static func gather<Result>(
        _ slices: [ArraySlice<UInt8>],
        _ index: Int,
        _ offset: Int,
        into vectors: UnsafeMutableBufferPointer<iovec>,
        at position: Int,
        _ body: (UnsafeMutableBufferPointer<iovec>, Int) -> Result
    ) -> Result {
        guard position < vectors.count else { return unsafe body(vectors, position) }
        return unsafe slices[index + position].withUnsafeBytes { raw in
            let skipped = position == 0 ? offset : 0
            let base = unsafe UnsafeMutableRawPointer(mutating: raw.baseAddress.map { unsafe $0 + skipped })
            unsafe vectors[position] = unsafe iovec(iov_base: base, iov_len: raw.count - skipped)
            return unsafe gather(slices, index, offset, into: vectors, at: position + 1, body)
        }
    }
}
