import Reactor
public import System

/// Content under the name of its SHA-256, written once and never changed. Several processes may use one place: a blob that
/// exists is kept, and *touched* when it is put again, so that who collects unused blobs sees that somebody wants it.
///
/// Calls suspend while worker threads of the store's own do the work; they throw `WorkerPool.Full` when too much waits,
/// `BlobError`, or the error of disk or network. Any thread or loop.
public final class BlobStore: Sendable {
    /// Threads for disk and network.
    public static let threadCount = 4
    /// Calls that may wait for a thread.
    public static let queueLimit = 1024

    private let backend: any BlobBackend
    private let workers: WorkerPool

    /// Opens the store at `file:<folder>`, which is made when it is missing.
    ///
    /// - Throws: `BlobError.invalidLocation`, or the error of making the folder.
    public convenience init(_ location: String) throws {
        guard location.hasPrefix("file:"), location.count > 5 else { throw BlobError.invalidLocation(location) }
        self.init(backend: try DiskBlobs(root: String(location.dropFirst(5))), workers: try Self.pool())
    }

    init(backend: any BlobBackend, workers: WorkerPool) {
        self.backend = backend
        self.workers = workers
    }

    static func pool() throws -> WorkerPool {
        try WorkerPool(name: "blobs", threads: threadCount, queueLimit: queueLimit)
    }

    /// Takes over a finished file, which must lie on the store's disk, and whose content the caller has digested; durable
    /// when it returns, and the file's old name is gone. A blob that exists already is kept and touched.
    public func put(file path: String, digest: ContentDigest, size: Int64) async throws {
        let backend = backend
        try await workers.run { try backend.put(file: path, digest, size: size) }
    }

    /// Opens a blob for reading a part of it, piece by piece; `BlobError.notFound` when there is none.
    public func read(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> BlobReader {
        let backend = backend
        let source = try await workers.run { try backend.open(digest) }
        return BlobReader(source, range, workers)
    }

    /// Puts a blob's content at a path that is free, for a tool that reads files: a second name of the same file where the
    /// disk can (so it must not be written to), else a copy.
    public func fetch(_ digest: ContentDigest, to path: String) async throws {
        let backend = backend
        try await workers.run { try backend.fetch(digest, to: path) }
    }

    /// The size of a blob in bytes; nil when there is none.
    public func size(of digest: ContentDigest) async throws -> Int64? {
        let backend = backend
        return try await workers.run { try backend.status(digest)?.size }
    }

    /// Removes a blob, unless it was put or touched after `limit`: then false. True when it is gone, or never was.
    ///
    /// On a disk nothing can come between the look and the removal; a `put` at the same time keeps the blob or makes it
    /// anew. In S3 a `put` between the two requests can be lost, so the limit must lie well in the past.
    @discardableResult
    public func remove(_ digest: ContentDigest, unlessTouchedSince limit: Timestamp) async throws -> Bool {
        let backend = backend
        return try await workers.run { try backend.remove(digest, unlessTouchedSince: limit) }
    }

    /// Up to `limit` blobs in order of digest after the given one, for sweeps.
    public func list(after digest: ContentDigest? = nil, limit: Int) async throws -> [StoredBlob] {
        let backend = backend
        return try await workers.run { try backend.list(after: digest, limit: limit) }
    }

    /// Finishes what is under way and ends the threads. Blocks.
    public func close() {
        workers.shutdown()
    }
}

/// A blob as a sweep finds it.
public struct StoredBlob: Sendable, Hashable {
    /// Its name.
    public let digest: ContentDigest
    /// Bytes.
    public let size: Int64
    /// When it was last put.
    public let touchedAt: Timestamp

    /// Describes a blob.
    public init(digest: ContentDigest, size: Int64, touchedAt: Timestamp) {
        self.digest = digest
        self.size = size
        self.touchedAt = touchedAt
    }
}

/// Reads a part of a blob from its beginning to its end; one task at a time.
public final class BlobReader: Sendable {
    /// Bytes of a piece.
    public static let pieceSize = 256 << 10

    private let source: any BlobSource
    private let workers: WorkerPool

    init(_ source: any BlobSource, _ range: Range<Int64>, _ workers: WorkerPool) {
        self.source = source
        self.range = range
        self.workers = workers
    }

    private let range: Range<Int64>

    /// Hands the part's bytes to `write`, one piece after the other: the next is read when the last was taken.
    ///
    /// - Throws: `BlobError.sizeMismatch` when the blob ends before the range; what `write` throws.
    public func forEach(_ write: (_ piece: [UInt8]) async throws -> Void) async throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let (place, count) = (offset, Int(min(Int64(Self.pieceSize), range.upperBound - offset)))
            let piece = try await workers.run { [source] in try source.read(at: place, count: count) }
            guard !piece.isEmpty else { throw BlobError.sizeMismatch }
            try await write(piece)
            offset += Int64(piece.count)
        }
    }
}
