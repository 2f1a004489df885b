import Contracts
import Persistence
import Reactor
import ServiceKit
import System
import Telemetry

/// Goes on with what a crash, or a full disk, left behind; and removes uploads whose time is over.
struct UploadRecovery: Sendable {
    private static let batch = 100

    let uploads: Uploads
    let locks: WriterLocks<Identifier>

    /// Looks at everything that nobody works on.
    func step() async throws {
        guard let loop = EventLoop.current else { return }
        for upload in try await uploads.database.read({ try $0.interruptedUploads() }) where !locks.isHeld(upload.id) {
            let lock = try await locks.acquire(upload.id, on: loop)
            defer { locks.release(upload.id, lock) }
            try await recover(upload.id)
        }
        try await removeStrayFiles()
    }

    private func recover(_ id: Identifier) async throws {
        // It may have ended since the look.
        guard let upload = try await uploads.database.read({ try $0.upload(id) }), upload.state != .complete else {
            return
        }
        do {
            switch (upload.kind, upload.state) {
            case (.plain, .open): try await uploads.discard(id)
            case (.final, .open):
                _ = try await uploads.finish(try await uploads.concatenate(upload), traceparent: nil)
            default: _ = try await uploads.finish(upload, traceparent: nil)
            }
            uploads.logger.notice("an interrupted upload is settled", metadata: ["upload": "\(id)"])
        } catch let problem as Problem where [.uploadGone, .unsupportedMediaType].contains(problem.code) {
            try await uploads.discard(id)
        }
    }

    /// Files are made after their rows, so one without a row is nobody's.
    private func removeStrayFiles() async throws {
        let directory = uploads.files.directory
        let ids = try await uploads.files.run { try File.names(in: directory).compactMap { Identifier($0) } }
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let some = Array(ids[start..<min(start + Self.batch, ids.count)])
            let stray = try await uploads.database.read { connection in
                try some.filter { id in
                    guard let upload = try connection.upload(id) else { return true }
                    return upload.state == .complete && upload.kind != .partial
                }
            }
            try await uploads.files.remove(stray.filter { !locks.isHeld($0) })
        }
    }

    /// Removes what is overdue and says when the next is.
    static func expire(
        _ database: Database,
        _ files: UploadFiles,
        _ locks: WriterLocks<Identifier>,
        at now: Timestamp
    ) async throws -> Timestamp? {
        let overdue = try await database.read { try $0.expiredUploads(at: now, limit: batch) }
        let idle = overdue.map(\.id).filter { !locks.isHeld($0) }
        let gone = try await database.write(priority: .background) { transaction in
            try idle.filter { try transaction.remove($0) }
        }
        try await files.remove(gone)
        if idle.count < overdue.count { return now.adding(seconds: 1) }
        return try await database.read { try $0.nextUploadExpiry() }
    }
}
