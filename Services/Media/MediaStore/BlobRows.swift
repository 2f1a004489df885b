import BlobStore
import Persistence
import System

/// References to blobs: a blob nobody refers to is removed some time later; see `BlobCollector`.
extension Transaction {
    /// Counts one more user of a blob.
    borrowing func addReference(to digest: ContentDigest, size: Int64) throws {
        try execute(
            """
            INSERT INTO blobs (sha256, size, refs, unused_since) VALUES (\(digest), \(size), 1, NULL)
            ON CONFLICT (sha256) DO UPDATE SET refs = refs + 1, unused_since = NULL
            """
        )
    }

    /// Counts one user of a blob less.
    borrowing func dropReference(to digest: ContentDigest, at now: Timestamp) throws {
        try execute(
            """
            UPDATE blobs SET refs = refs - 1, unused_since = CASE WHEN refs = 1 THEN \(now) END
            WHERE sha256 = \(digest) AND refs > 0
            """
        )
    }

    /// Notes a blob that nobody refers to, so that it is collected; content when it is known.
    borrowing func noteOrphan(_ blob: StoredBlob) throws {
        try execute(
            """
            INSERT INTO blobs (sha256, size, refs, unused_since)
            VALUES (\(blob.digest), \(blob.size), 0, \(blob.touchedAt)) ON CONFLICT DO NOTHING
            """
        )
    }

    /// Forgets a blob that has been removed, unless somebody refers to it now.
    borrowing func forget(_ digest: ContentDigest) throws {
        try execute("DELETE FROM blobs WHERE sha256 = \(digest) AND refs = 0")
    }

    /// Lets the time of an unused blob begin anew: somebody has put it meanwhile.
    borrowing func postpone(_ digest: ContentDigest, to now: Timestamp) throws {
        try execute("UPDATE blobs SET unused_since = \(now) WHERE sha256 = \(digest) AND refs = 0")
    }
}

extension Connection {
    /// Blobs that nobody has referred to since before an instant.
    func unusedBlobs(since limit: Timestamp, count: Int) throws -> [ContentDigest] {
        try rows(
            """
            SELECT sha256 FROM blobs WHERE refs = 0 AND unused_since <= \(limit) ORDER BY unused_since LIMIT \(count)
            """
        ) { try $0[0] }
    }

    /// When the next blob became unused; nil when all are used.
    func firstUnused() throws -> Timestamp? {
        try value("SELECT unused_since FROM blobs WHERE refs = 0 AND unused_since > 0 ORDER BY unused_since LIMIT 1")
    }

    /// Whether a blob is counted.
    func knowsBlob(_ digest: ContentDigest) throws -> Bool {
        try exists("SELECT 1 FROM blobs WHERE sha256 = \(digest)")
    }
}
