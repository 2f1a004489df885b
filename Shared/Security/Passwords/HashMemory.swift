import Synchronization

/// The memory of password hashes between one and the next. libargon2 clears it before it gives it back. Any thread.
public enum HashMemory {
    /// Pieces kept at most: one for each thread that hashes at a time.
    static let maximumKept = 4
    /// Larger pieces are not kept: 32 MiB.
    static let maximumSize = 1 << 25
    /// Cache lines, and what vector instructions want.
    private static let alignment = 64

    @safe private struct Piece: @unchecked Sendable {  // Belongs to nobody while it is kept.
        let start: UnsafeMutableRawPointer
        let size: Int
        /// Whether it has been used since the last `release`.
        var isFresh = true
    }

    private static let kept = Mutex<[Piece]>([])

    /// Gives back to the system what no hash has used since the last call: call it now and then.
    public static func release() {
        let idle = kept.withLock { pieces in
            let idle = pieces.filter { !$0.isFresh }
            pieces.removeAll { !$0.isFresh }
            for index in pieces.indices { pieces[index].isFresh = false }
            return idle
        }
        for piece in idle { unsafe piece.start.deallocate() }
    }

    @unsafe static func take(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        let piece = kept.withLock { pieces in
            pieces.lastIndex { $0.size == size }.map { pieces.remove(at: $0) }
        }
        let start = unsafe piece?.start ?? .allocate(byteCount: size, alignment: alignment)
        return unsafe start.assumingMemoryBound(to: UInt8.self)
    }

    @unsafe static func give(_ memory: UnsafeMutablePointer<UInt8>, _ size: Int) {
        let piece = unsafe Piece(start: UnsafeMutableRawPointer(memory), size: size)
        let isKept = kept.withLock { pieces in
            guard size <= maximumSize, pieces.count < maximumKept else { return false }
            pieces.append(piece)
            return true
        }
        if !isKept { unsafe piece.start.deallocate() }
    }
}
