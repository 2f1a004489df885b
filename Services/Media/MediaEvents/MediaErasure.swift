import Persistence
import ServiceKit
import System

/// Deletes what belongs to an account that is gone, some items a transaction, and gives the receipt with the last.
struct MediaErasure: Sendable {
    private static let batch = 50

    let database: Database
    let files: UploadFiles
    let clock: WallClock
    let collector: DueWork

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let erasure = try await database.read({ try $0.openErasure() }) else { return nil }
        let now = clock.now
        let user = erasure.userID
        let uploads = try await database.write(priority: .background) { transaction in
            let uploads = try transaction.connection.uploads(of: user, limit: Self.batch).map(\.id)
            for upload in uploads { _ = try transaction.remove(upload) }
            let items = try transaction.connection.media(of: user, onlyPublic: false, before: nil, limit: Self.batch)
            for media in items { try transaction.delete(media, at: now) }
            if uploads.isEmpty, items.isEmpty {
                try transaction.forgetUsage(of: user)
                try transaction.endErasure(erasure, by: "media", at: now)
            }
            return uploads
        }
        try await files.remove(uploads)
        collector.wake()
        return now
    }
}
