import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// The jobs of workers, taken from the log (group `batch-upload-workers`): a file all parts of which have come.
struct FileJobs: Sendable {
    static let group = "batch-upload-workers"
    static let topics: [Topic] = [.batchEvents]

    let clock: WallClock
    let workers: FileWorkers

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case BatchPartReceived.type: try take(try event.decode(), event, transaction)
        default: break  // No job.
        }
    }

    private func take(_ part: BatchPartReceived, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard part.isFileWhole, let batch = try transaction.connection.batch(part.batchID), batch.state.isActive,
            try transaction.connection.file(part.index, of: batch.id)?.state == .received
        else { return }
        try transaction.insertJob(batch.id, part.index, traceparent: event.traceparent, at: clock.now)
        transaction.afterCommit { [workers] in workers.wake() }
    }
}
