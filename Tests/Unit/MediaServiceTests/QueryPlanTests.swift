import BlobStore
import Contracts
import ServiceKit
import System
import TestSupport
import Testing

@testable import MediaService
@testable import Persistence

/// Runs the statements of Media's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("media.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: MediaStore.migrations)
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let (user, now) = (Identifier.version7(at: now), now)
        let digest = try #require(ContentDigest(String(repeating: "1", count: 64)))
        let upload = Upload(
            id: user,
            ownerID: user,
            kind: .resumable,
            length: 3,
            reserved: 3,
            details: UploadDetails(),
            createdAt: now,
            expiresAt: now
        )
        let media = try await database.write { transaction in
            try transaction.reserve(bytes: 3, items: 1, of: user, quota: Quota(bytes: 9, items: 9))
            try transaction.insert(upload)
            var whole = upload
            (whole.offset, whole.state, whole.content) = (
                3, .finishing, Upload.Content(type: "image/png", digest: digest)
            )
            #expect(try transaction.update(whole))
            return try Uploads.complete(whole, presetVersion: 1, at: now, traceparent: nil, transaction)
        }
        try await database.read { try Self.readAll($0, user, digest, at: now) }
        try await database.write { try Self.changeAll($0, media, at: now) }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 30, "\(plans.count) statements")
        for (text, steps) in plans {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    private static func readAll(
        _ connection: Persistence.Connection,
        _ user: Identifier,
        _ digest: ContentDigest,
        at now: Timestamp
    ) throws {
        #expect(try connection.media(user)?.state == .uploaded)
        for onlyPublic in [true, false] {
            _ = try connection.media(of: user, onlyPublic: onlyPublic, before: nil, limit: 10)
        }
        _ = try connection.media(olderThanPresets: 2, limit: 10)
        #expect(try connection.upload(user)?.state == .complete)
        _ = try connection.openUploads(of: user)
        _ = try connection.uploads(of: user, limit: 10)
        _ = try connection.expiredUploads(at: now, limit: 10)
        _ = try connection.nextUploadExpiry()
        _ = try connection.interruptedUploads()
        _ = try connection.parts(of: user)
        _ = try connection.unusedBlobs(since: now, count: 10)
        _ = try connection.firstUnused()
        #expect(try connection.knowsBlob(digest))
        #expect(try connection.usage(of: user) == Quota(bytes: 3, items: 1))
        try connection.checkStanding(of: user)
        _ = try connection.openErasure()
        _ = try connection.reprocessing()
        _ = try connection.batch(user)
        _ = try connection.discardedBatch()
        _ = try connection.media(ofBatch: user, limit: 10)
        _ = try connection.unseenMedia(limit: 10)
    }

    private static func changeAll(_ transaction: borrowing Transaction, _ media: Media, at now: Timestamp) throws {
        let old = media
        var media = media
        let variant = MediaVariant(
            name: "a",
            contentType: "image/webp",
            width: 1,
            height: 1,
            size: 1,
            sha256: String(repeating: "2", count: 64)
        )
        let output = Media.Output(
            kind: .image,
            width: 1,
            height: 1,
            durationMilliseconds: nil,
            placeholder: "",
            variants: [variant]
        )
        let job = try #require(media.jobID)
        let hasEnded = media.end(job, .finished(output))
        #expect(hasEnded)
        try transaction.update(media)
        try transaction.replaceVariants(of: old, by: media, at: now)
        #expect(try transaction.connection.media(media.id) == media)
        try transaction.join([media.id], to: .version7(at: now))
        #expect(try transaction.remove(media.id))
        try transaction.drop(media.id)
        try transaction.delete(media, at: now)
        #expect(try transaction.connection.usage(of: media.ownerID) == Quota(bytes: 0, items: 0))
        #expect(try transaction.connection.unusedBlobs(since: now, count: 10).count == 2)
        try transaction.forget(media.digest)
        try transaction.postpone(media.digest, to: now)
        try transaction.noteOrphan(StoredBlob(digest: media.digest, size: 1, touchedAt: now))
        let batch = Batch(id: media.id, ownerID: media.ownerID, bytes: 1, items: 1)
        try transaction.store(batch)
        _ = try transaction.show(itemsOf: batch.id)
        try transaction.end(batch, .discarding)
        #expect(try transaction.connection.discardedBatch()?.bytes == 0)
        try transaction.forgetBatches(of: media.ownerID)
        try transaction.beginReprocessing(presets: 2)
        try transaction.endReprocessing()
        try transaction.ban(media.ownerID)
        try transaction.beginErasure(of: media.ownerID, nil, event: media.id)
        let erasure = try transaction.connection.openErasure()
        #expect(erasure?.userID == media.ownerID)
        if let erasure { try transaction.endErasure(erasure, by: "media", at: now) }
        try transaction.forgetUsage(of: media.ownerID)
    }
}
