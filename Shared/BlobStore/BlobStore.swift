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

    private enum Place: Sendable {
        case disk(DiskBlobs)
        case objects(S3Blobs)
    }

    private let place: Place
    private let workers: WorkerPool

    /// Opens the store at `file:<folder>`, which is made when it is missing, or at `s3:<bucket>` or `s3:<bucket>/<prefix>`,
    /// whose endpoint, region and credentials are the `AWS_…` variables that SDKs read; nothing is sent before it is used.
    ///
    /// - Throws: `BlobError.invalidLocation`, or the error of making the folder.
    public convenience init(_ location: String, environment: [String: String] = Environment.all()) throws {
        try self.init(location, environment: environment, limits: S3Limits())
    }

    init(_ location: String, environment: [String: String], limits: S3Limits) throws {
        if location.hasPrefix("file:"), location.count > 5 {
            place = .disk(try DiskBlobs(root: String(location.dropFirst(5))))
            workers = try Self.pool()
        } else if location.hasPrefix("s3:") {
            let bucket = try S3Location(location, environment: environment)
            workers = try Self.pool()
            place = .objects(S3Blobs(client: try S3Client(location: bucket, limits: limits), workers: workers))
        } else {
            throw BlobError.invalidLocation(location)
        }
    }

    private static func pool() throws -> WorkerPool {
        try WorkerPool(name: "blobs", threads: threadCount, queueLimit: queueLimit)
    }

    /// Takes over a finished file, which must lie on the store's disk when that is one, and whose content the caller has
    /// digested; durable when it returns, and the file's old name is gone. A blob that exists already is kept and touched.
    public func put(file path: String, digest: ContentDigest, size: Int64) async throws {
        switch place {
        case .disk(let disk): try await workers.run { try disk.put(file: path, digest, size: size) }
        case .objects(let objects): try await objects.put(file: path, digest, size: size)
        }
    }

    /// Opens a blob for reading a part of it, piece by piece; `BlobError.notFound` when there is none.
    public func read(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> BlobReader {
        switch place {
        case .disk(let disk):
            let file = try await workers.run { try disk.open(digest) }
            return BlobReader(.file(file, workers), range)
        case .objects(let objects): return BlobReader(.object(try await objects.open(digest, range)), range)
        }
    }

    /// Puts a blob's content at a path that is free, for a tool that reads files: a second name of the same file where the
    /// disk can (so it must not be written to), else a copy; one that comes from an object store has been digested.
    public func fetch(_ digest: ContentDigest, to path: String) async throws {
        switch place {
        case .disk(let disk): try await workers.run { try disk.fetch(digest, to: path) }
        case .objects(let objects): try await objects.fetch(digest, to: path)
        }
    }

    /// The size of a blob in bytes; nil when there is none.
    public func size(of digest: ContentDigest) async throws -> Int64? {
        switch place {
        case .disk(let disk): try await workers.run { try disk.status(digest)?.size }
        case .objects(let objects): try await objects.knownStatus(digest)?.size
        }
    }

    /// Removes a blob, unless it was put or touched after `limit`: then false. True when it is gone, or never was.
    ///
    /// Nothing can come between the look and the removal; a `put` at the same time keeps the blob or makes it anew. An
    /// object store's clock judges, so the limit must lie further back than clocks may differ (S3 itself allows 15 min).
    @discardableResult
    public func remove(_ digest: ContentDigest, unlessTouchedSince limit: Timestamp) async throws -> Bool {
        switch place {
        case .disk(let disk): try await workers.run { try disk.remove(digest, unlessTouchedSince: limit) }
        case .objects(let objects): try await objects.remove(digest, unlessTouchedSince: limit)
        }
    }

    /// Up to `limit` blobs in order of digest after the given one, for sweeps.
    public func list(after digest: ContentDigest? = nil, limit: Int) async throws -> [StoredBlob] {
        switch place {
        case .disk(let disk): try await workers.run { try disk.list(after: digest, limit: limit) }
        case .objects(let objects): try await objects.list(after: digest, limit: limit)
        }
    }

    /// Finishes what is under way on the disk, breaks off what is under way elsewhere, and ends the threads. Blocks.
    public func close() {
        if case .objects(let objects) = place { objects.close() }
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
