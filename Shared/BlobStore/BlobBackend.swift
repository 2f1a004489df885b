import System

/// Where blobs lie. Every call blocks: on a worker thread.
protocol BlobBackend: Sendable {
    /// See ``BlobStore/put(file:digest:size:)``.
    func put(file path: String, _ digest: ContentDigest, size: Int64) throws
    /// The bytes of a range, as one piece; `notFound` when there is no blob.
    func open(_ digest: ContentDigest) throws -> any BlobSource
    /// See ``BlobStore/fetch(_:to:)``.
    func fetch(_ digest: ContentDigest, to path: String) throws
    /// What is known of a blob; nil when there is none.
    func status(_ digest: ContentDigest) throws -> StoredBlob?
    /// See ``BlobStore/remove(_:unlessTouchedSince:)``.
    func remove(_ digest: ContentDigest, unlessTouchedSince limit: Timestamp) throws -> Bool
    /// See ``BlobStore/list(after:limit:)``.
    func list(after digest: ContentDigest?, limit: Int) throws -> [StoredBlob]
}

/// A blob that is being read. Every call blocks.
protocol BlobSource: Sendable {
    /// Up to `count` bytes from a place on; empty at the end.
    func read(at offset: Int64, count: Int) throws -> [UInt8]
}
