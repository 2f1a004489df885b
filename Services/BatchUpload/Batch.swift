import BlobStore
import Contracts
import System

/// Files that somebody uploads together, shown together or not at all.
///
///     reserving ─▶ open ─▶ completing ─▶ completed | failed
///     reserving ─▶ failed (no room)      any of the first three ─▶ cancelled;  reserving, open ─▶ expired
///
/// A batch ends once; whatever comes later changes nothing. Its counts are always those of its files.
struct Batch: Sendable, Equatable {
    enum State: String, Sendable {
        case reserving, open, completing, completed, failed, cancelled, expired

        /// Whether something may still become of it.
        var isActive: Bool {
            switch self {
            case .reserving, .open, .completing: true
            case .completed, .failed, .cancelled, .expired: false
            }
        }
    }

    let id: Identifier
    let ownerID: Identifier
    let visibility: MediaVisibility
    var state = State.reserving
    var counts: BatchCounts
    /// Bytes of all files.
    let totalSize: Int64
    /// Bytes that are durable.
    var receivedBytes: Int64 = 0
    /// Bytes of each part of a file but its last.
    let partSize: Int64
    /// Why it failed.
    var reason: BatchFailureReason?
    let createdAt: Timestamp
    let expiresAt: Timestamp
    var endedAt: Timestamp?
    var version: Int64 = 1

    // MARK: The batch

    /// Its room is reserved; false when it waits for that no more.
    mutating func open() -> Bool {
        guard state == .reserving else { return false }
        state = .open
        version += 1
        return true
    }

    /// No more bytes will come; false when that is known, or it is not open yet or any more.
    mutating func complete() -> Bool {
        guard state == .open else { return false }
        state = .completing
        version += 1
        return true
    }

    /// Ends a batch that waits for nothing more; false while it does, or when it has ended.
    mutating func settle(at now: Timestamp) -> Bool {
        guard state == .completing, counts.ready + counts.failed == counts.total else { return false }
        return end(counts.ready > 0 ? .completed : .failed, counts.ready > 0 ? nil : .nothingReady, at: now)
    }

    /// Ends it; false when it has ended.
    mutating func end(_ end: State, _ reason: BatchFailureReason? = nil, at now: Timestamp) -> Bool {
        guard state.isActive else { return false }
        state = end
        self.reason = reason
        endedAt = now
        version += 1
        return true
    }

    // MARK: Its files

    /// Parts of a file are durable; false when the batch or the file takes none.
    mutating func receive(parts: Int, bytes: Int64, of file: inout BatchFile) -> Bool {
        guard state == .open, file.state == .pending || file.state == .receiving else { return false }
        file.receivedParts += parts
        file.receivedBytes += bytes
        receivedBytes += bytes
        file.state = .receiving
        if file.receivedParts == file.layout(of: self).count {
            file.state = .received
            counts.received += 1
        }
        version += 1
        return true
    }

    /// A whole file lies in the blob store; false when that changes nothing.
    mutating func store(_ file: inout BatchFile) -> Bool {
        guard state.isActive, file.state == .received else { return false }
        file.state = .stored
        version += 1
        return true
    }

    /// A file is an item that can be shown; false when that changes nothing.
    mutating func finish(_ file: inout BatchFile, as mediaID: Identifier) -> Bool {
        guard state.isActive, file.state == .stored else { return false }
        file.state = .ready
        file.mediaID = mediaID
        counts.ready += 1
        version += 1
        return true
    }

    /// A file failed; false when it has, or the batch has ended.
    mutating func fail(_ file: inout BatchFile, _ failure: BatchFile.Failure) -> Bool {
        guard state.isActive, file.state != .failed else { return false }
        if file.state == .ready { counts.ready -= 1 }
        file.state = .failed
        file.failure = failure
        counts.failed += 1
        version += 1
        return true
    }
}

/// One file of a batch.
///
///     pending ─▶ receiving ─▶ received ─▶ stored ─▶ ready        each of them ─▶ failed
struct BatchFile: Sendable, Equatable {
    enum State: String, Sendable {
        case pending, receiving, received, stored, ready, failed
    }

    struct Failure: Sendable, Equatable {
        let reason: BatchFailureReason
        let detail: String
    }

    let batchID: Identifier
    let index: Int
    let name: String
    let size: Int64
    let contentType: String
    /// What the content must hash to.
    let announced: ContentDigest?
    /// What it hashes to, known before the blob is put, so that a crash between can be gone on from.
    var digest: ContentDigest?
    var state = State.pending
    var receivedParts = 0
    var receivedBytes: Int64 = 0
    var mediaID: Identifier?
    var failure: Failure?

    /// How it is cut.
    func layout(of batch: Batch) -> PartLayout { PartLayout(size: size, partSize: batch.partSize) }
}

/// How a file is cut into parts: each but the last has `partSize` bytes, and an empty file has one part without bytes.
struct PartLayout: Sendable, Equatable {
    let size: Int64
    let partSize: Int64

    var count: Int { size == 0 ? 1 : Int((size - 1) / partSize) + 1 }

    /// The bytes of a part that exists.
    func range(of part: Int) -> Range<Int64> {
        let start = Int64(part) * partSize
        return start..<min(size, start + partSize)
    }

    /// The bytes of parts that follow each other.
    func range(of parts: Range<Int>) -> Range<Int64> {
        range(of: parts.lowerBound).lowerBound..<range(of: parts.upperBound - 1).upperBound
    }
}
