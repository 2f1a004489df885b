import Persistence
import ServiceKit
import System
import Telemetry

/// What falls due of batches: expiry, and the bytes of those that have ended; and, at the start, what a crash left behind.
struct BatchUpkeep: Sendable {
    private static let batch = 50

    let database: Database
    let files: BatchFiles
    let clock: WallClock
    let changes: Changes<Batch>

    /// Ends what is overdue and says when the next is.
    func expire(at now: Timestamp, then clearing: DueWork) async throws -> Timestamp? {
        let changes = changes
        let count = try await database.write(priority: .background) { transaction in
            let overdue = try transaction.connection.overdueBatches(at: now, limit: Self.batch)
            for var batch in overdue where batch.end(.expired, at: now) {
                try transaction.announceEnd(of: batch, at: now)
                let ended = batch
                transaction.afterCommit { changes.announce(ended.id, now: ended) }
            }
            return overdue.count
        }
        if count > 0 { clearing.wake() }
        return count == Self.batch ? now : try await database.read { try $0.nextExpiry() }
    }

    /// Removes the bytes of batches that have ended; a past instant while more is left.
    func clear() async throws -> Timestamp? {
        let ids = try await database.read { try $0.batchesToClear(limit: Self.batch) }
        for id in ids {
            try await files.remove(id)
            try await database.write(priority: .background) { try $0.noteCleared(id) }
        }
        return ids.count == Self.batch ? clock.now : nil
    }

    /// Before anybody writes: removes what belongs to no batch, and gives back the room of parts that had not come to their end.
    func recover() async throws {
        for id in try await files.batches() {
            guard let batch = try await database.read({ try $0.batch(id) }), batch.state.isActive else {
                try await files.remove(id)
                continue
            }
            let (all, parts) = try await database.read { (try $0.files(of: id), try $0.parts(in: id)) }
            for file in all where file.state == .pending || file.state == .receiving {
                let path = files.path(file.index, of: id)
                let (layout, known) = (file.layout(of: batch), parts[file.index] ?? [])
                try await files.run {
                    guard File.exists(path) else { return }
                    if known.isEmpty { return try File.remove(path) }
                    let open = try OpenFile(writing: path)
                    for part in 0..<layout.count where !known.contains(part) {
                        try open.discard(layout.range(of: part))
                    }
                }
            }
        }
    }
}
