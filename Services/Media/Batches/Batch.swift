import Security
import System

/// What is left of the room that a batch of uploads holds in its owner's quota. Which files it has, and when it is over, is
/// BatchUpload's to decide; here its files become items, hidden until it is complete.
///
///     open ─▶ over (its items are shown)      open ─▶ discarding ─▶ over (its items are deleted, some a transaction)
///
/// One that is over is remembered, so that nothing that comes late begins it anew.
struct Batch: Sendable, Equatable {
    enum State: String, Sendable {
        case open, discarding, over
    }

    let id: Identifier
    let ownerID: Identifier
    var state = State.open
    /// Bytes of files that have not come.
    var bytes: Int64
    /// Files that have not come.
    var items: Int64

    /// Takes the room of a file that has come; false when there is none, or the batch is over.
    mutating func take(size: Int64) -> Bool {
        guard state == .open, items > 0, (0...bytes).contains(size) else { return false }
        bytes -= size
        items -= 1
        return true
    }
}

extension Identifier {
    /// The item that a file of a batch becomes: the same for the same file. Made of the batch's time and the file's place, so
    /// that an owner's items sort as they were sent, and of a digest.
    static func item(ofFile index: Int, in batch: Identifier) -> Identifier {
        let digest = HashFunction.sha256.digest("/media\n\(batch)\n\(index)")
        var words = DerivedWords(left: [
            UInt64(truncatingIfNeeded: index), digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
        ])
        return version7(at: batch.time, using: &words)
    }
}

/// Words that are not random, for an identifier that is derived.
private struct DerivedWords: RandomNumberGenerator {
    var left: [UInt64]

    mutating func next() -> UInt64 { left.isEmpty ? 0 : left.removeFirst() }
}
