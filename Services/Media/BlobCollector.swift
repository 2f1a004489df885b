import BlobStore
import Persistence
import System

/// Removes blobs that nobody refers to. Media alone counts references; a worker may put a blob long before Media hears of it,
/// so one goes only when it has been unused *and* untouched for longer than any job takes.
struct BlobCollector: Sendable {
    private static let batch = 100
    private static let page = 1000

    let database: Database
    let blobs: BlobStore
    let clock: WallClock
    let graceSeconds: Int64

    /// Removes what has been unused for long enough and says when to look again.
    func step() async throws -> Timestamp? {
        let now = clock.now
        let limit = now.adding(seconds: -graceSeconds)
        let unused = try await database.read { try $0.unusedBlobs(since: limit, count: Self.batch) }
        for digest in unused {
            // Somebody may have put it again and not yet told: then its time begins anew.
            let isGone = try await blobs.remove(digest, unlessTouchedSince: limit)
            try await database.write(priority: .background) { transaction in
                if isGone { try transaction.forget(digest) } else { try transaction.postpone(digest, to: now) }
            }
        }
        if unused.count == Self.batch { return now }
        return try await database.read { try $0.firstUnused() }?.adding(seconds: graceSeconds)
    }

    /// Finds blobs that nobody has told of, such as those of a worker that was killed, and has them collected.
    func sweep() async throws {
        let limit = clock.now.adding(seconds: -graceSeconds)
        var last: ContentDigest?
        while true {
            let page = try await blobs.list(after: last, limit: Self.page)
            guard let end = page.last else { return }
            last = end.digest
            let old = page.filter { $0.touchedAt <= limit }
            guard !old.isEmpty else { continue }
            try await database.write(priority: .background) { transaction in
                for blob in old where try !transaction.connection.knowsBlob(blob.digest) {
                    try transaction.noteOrphan(blob)
                }
            }
        }
    }
}
