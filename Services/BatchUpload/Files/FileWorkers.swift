import BlobStore
import Contracts
import EventBus
import Persistence
import ServiceKit
import Synchronization
import System
import Telemetry

/// Looks at files that are whole: has each the digest that was announced, and puts it into the blob store. A file that cannot be
/// had fails alone. Jobs are rows, so a crash at any point repeats a job, and each step bears repetition.
final class FileWorkers: Sendable {
    /// Tries of one job before its file fails.
    static let maximumAttempts = 10
    /// The longest wait between two tries.
    static let maximumWaitSeconds: Int64 = 60

    private let database: Database
    private let files: BatchFiles
    private let blobs: BlobStore
    private let clock: WallClock
    private let changes: Changes<Batch>
    private let logger: Logger
    private let count: Int
    private let state = Mutex(State())

    private struct State {
        var claimed: Set<PartKey> = []
        var workers: [DueWork] = []
    }

    init(
        database: Database,
        files: BatchFiles,
        blobs: BlobStore,
        changes: Changes<Batch>,
        workers count: Int,
        _ service: ServiceBuilder
    ) {
        (self.database, self.files, self.blobs, self.changes) = (database, files, blobs, changes)
        (clock, logger, self.count) = (service.clock, service.logger, count)
        for number in 1...count {
            let worker = service.whenDue("file worker \(number)") { now in try await self.step(at: now) }
            state.withLock { $0.workers.append(worker) }
        }
    }

    /// Tells that there is a job.
    func wake() {
        for worker in state.withLock(\.workers) { worker.wake() }
    }

    /// Does one job that no other worker does, and says when to look again.
    private func step(at now: Timestamp) async throws -> Timestamp? {
        let jobs = try await database.read { try $0.dueJobs(at: now, limit: self.count) }
        let found = state.withLock { state in
            jobs.first { state.claimed.insert(Self.key(of: $0)).inserted }
        }
        guard let job = found else { return try await database.read { try $0.nextJob(after: now) } }
        defer { state.withLock { _ = $0.claimed.remove(Self.key(of: job)) } }
        do {
            try await run(job)
        } catch {
            try await retry(job, after: error)
        }
        return now
    }

    private static func key(of job: FileJob) -> PartKey { PartKey(batch: job.batchID, index: job.index, part: 0) }

    private func run(_ job: FileJob) async throws {
        let found = try await database.read { connection in
            (try connection.batch(job.batchID), try connection.file(job.index, of: job.batchID))
        }
        guard let batch = found.0, batch.state.isActive, var file = found.1, file.state == .received else {
            try await database.write(priority: .background) { try $0.removeJob(job.batchID, job.index) }
            return
        }
        let path = files.path(file.index, of: batch.id)
        if file.digest == nil {
            guard let digest = try await digest(of: file, at: path) else {
                return try await fail(job, .lost, "its bytes are lost")
            }
            guard file.announced == nil || file.announced == digest else {
                try await fail(job, .digestMismatch, "the content has another digest than announced")
                return try await files.remove(file.index, of: batch.id)
            }
            file.digest = digest
            let known = file
            try await database.write(priority: .background) { try $0.update(known) }
        }
        guard let digest = file.digest else { return }
        if File.exists(path) {
            try await blobs.put(file: path, digest: digest, size: file.size)
        } else if try await blobs.size(of: digest) != file.size {
            return try await fail(job, .lost, "its bytes are lost")
        }
        try await report(job, digest)
    }

    /// Nil when the bytes are not there.
    private func digest(of file: BatchFile, at path: String) async throws -> ContentDigest? {
        let size = file.size
        return try await files.run {
            guard try File.status(path)?.size == size else { return nil }
            return try ContentDigest.of(file: path, size: size)
        }
    }

    private func report(_ job: FileJob, _ digest: ContentDigest) async throws {
        let now = clock.now
        try await database.write(priority: .background) { transaction in
            try transaction.removeJob(job.batchID, job.index)
            guard var batch = try transaction.connection.batch(job.batchID),
                var file = try transaction.connection.file(job.index, of: job.batchID), batch.store(&file)
            else { return }
            try transaction.update(file)
            try transaction.update(batch)
            let stored = BatchFileStored(
                batchID: batch.id,
                ownerID: batch.ownerID,
                visibility: batch.visibility,
                index: file.index,
                name: file.name,
                contentType: file.contentType,
                size: file.size,
                sha256: digest.description
            )
            try transaction.publish(stored, at: now, sequence: batch.version, traceparent: job.traceparent)
        }
    }

    private func fail(_ job: FileJob, _ reason: BatchFailureReason, _ detail: String) async throws {
        let (now, changes) = (clock.now, changes)
        try await database.write(priority: .background) { transaction in
            try transaction.removeJob(job.batchID, job.index)
            guard var batch = try transaction.connection.batch(job.batchID),
                let file = try transaction.connection.file(job.index, of: job.batchID), file.state == .received,
                try transaction.fail(
                    file,
                    of: &batch,
                    BatchFile.Failure(reason: reason, detail: detail),
                    at: now,
                    traceparent: job.traceparent
                )
            else { return }
            try transaction.settle(&batch, at: now, traceparent: job.traceparent)
            let settled = batch
            transaction.afterCommit { changes.announce(settled.id, now: settled) }
        }
    }

    private func retry(_ job: FileJob, after error: any Error) async throws {
        logger.warning(
            "a file is tried again",
            metadata: ["batch": "\(job.batchID)", "index": .count(job.index), "error": "\(error)"]
        )
        guard Self.isOutage(error) || job.attempts + 1 < Self.maximumAttempts else {
            return try await fail(job, .internal, "it could not be stored")
        }
        let wait = min(Self.maximumWaitSeconds, 1 << Int64(min(job.attempts, 6)))
        let due = clock.now.adding(seconds: wait)
        try await database.write(priority: .background) { try $0.postpone(job, until: due) }
    }

    /// What says nothing about the file: its job waits until that is over.
    private static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case BlobError.unavailable, is CancellationError: true
        case let error as SystemError: error.isStorageFull
        case let error as Problem: [.storageFull, .overloaded].contains(error.code)
        case let error as DatabaseError: error.isRetriable
        default: false
        }
    }
}
