import BlobStore
import Contracts
import ServiceKit
import System
import TestSupport
import Testing

@testable import BatchUploadService
@testable import Persistence

/// Runs the statements of BatchUpload's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("batch-upload.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: BatchStore.migrations)
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let (user, id, now) = (Identifier.version7(at: now), Identifier.version7(at: now), now)
        let manifest = try JSONBody.decode(
            Manifest.self,
            from: Array(#"{"files":[{"name":"a","size":3,"content_type":"image/png"}]}"#.utf8)
        )
        let limits = BatchLimits(fileSize: 9, partSize: 2, openBatches: 2, lifetimeSeconds: 60)
        let (batch, files) = try manifest.batch(id, of: user, limits, at: now)
        try await database.write { try Self.changeAll($0, batch, files[0], at: now) }
        try await database.read { try Self.readAll($0, batch, at: now) }
        try await database.write { transaction in
            try transaction.removeWork(of: id)
            try transaction.noteCleared(id)
            try transaction.remove(id)
            #expect(try transaction.connection.files(of: id).isEmpty)
        }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 30, "\(plans.count) statements")
        for (text, steps) in plans {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    private static func changeAll(
        _ transaction: borrowing Transaction,
        _ batch: Batch,
        _ file: BatchFile,
        at now: Timestamp
    ) throws {
        let digest = try #require(ContentDigest(String(repeating: "1", count: 64)))
        var (batch, file) = (batch, file)
        try transaction.insert(batch)
        try transaction.insert(file)
        let isReceived = batch.open() && batch.receive(parts: 2, bytes: 3, of: &file)
        #expect(isReceived)
        #expect(try transaction.insertPart(0, digest, of: file))
        #expect(try !transaction.insertPart(0, digest, of: file))
        file.mediaID = batch.id
        try transaction.update(file)
        try transaction.update(batch)
        try transaction.insertJob(batch.id, 0, traceparent: nil, at: now)
        try transaction.postpone(FileJob(batchID: batch.id, index: 0, attempts: 0, traceparent: nil), until: now)
        try transaction.ban(batch.ownerID)
        try transaction.unban(batch.ownerID)
        try transaction.beginErasure(of: file.batchID, nil, event: file.batchID)
        let erasure = try transaction.connection.openErasure()
        #expect(erasure?.userID == file.batchID)
        if let erasure { try transaction.endErasure(erasure, by: "batch-upload", at: now) }
    }

    private static func readAll(_ connection: Persistence.Connection, _ batch: Batch, at now: Timestamp) throws {
        #expect(try connection.batch(batch.id)?.state == .open)
        #expect(try connection.batches(of: batch.ownerID, before: nil, limit: 10).count == 1)
        #expect(try connection.activeBatches(of: batch.ownerID) == 1)
        #expect(try connection.overdueBatches(at: now.adding(seconds: 61), limit: 10).count == 1)
        #expect(try connection.nextExpiry() == batch.expiresAt)
        #expect(try connection.batchesToClear(limit: 10).isEmpty)
        #expect(try connection.file(0, of: batch.id)?.state == .received)
        #expect(try connection.files(of: batch.id).count == 1)
        #expect(try connection.file(ofMedia: batch.id)?.index == 0)
        #expect(try connection.parts(of: 0, in: batch.id).count == 1)
        #expect(try connection.parts(in: batch.id) == [0: [0]])
        #expect(try connection.dueJobs(at: now, limit: 10).count == 1)
        #expect(try connection.nextJob(after: now) == nil)
        try connection.checkStanding(of: batch.ownerID)
    }
}
