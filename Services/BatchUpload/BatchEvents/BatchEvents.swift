import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Media says about batches and their files, and what becomes of accounts (group `batch-upload`).
struct BatchEvents: Sendable {
    static let group = "batch-upload"
    static let topics: [Topic] = [.mediaEvents, .userEvents]

    let clock: WallClock
    let changes: Changes<Batch>
    /// Woken when a batch has ended.
    let clearing: DueWork
    /// Woken when an account is to be erased.
    let erasing: DueWork

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaBatchReserved.type: try open(try event.decode(), transaction)
        case MediaBatchRefused.type: try refuse(try event.decode(), event, transaction)
        case MediaUploaded.type: try note(try event.decode(), transaction)
        case MediaProcessed.type: try finish(try event.decode(), event, transaction)
        case MediaFailed.type: try fail(try event.decode(), event, transaction)
        case MediaDeleted.type: try forget(try event.decode(), event, transaction)
        case UserBanned.type, UserUnbanned.type, UserDeleted.type:
            try transaction.follow(account: event, erasing: erasing)
        default: break  // Nothing that batches depend on.
        }
    }

    private func open(_ reserved: MediaBatchReserved, _ transaction: borrowing Transaction) throws {
        guard var batch = try transaction.connection.batch(reserved.batchID), batch.open() else { return }
        try transaction.update(batch)
        announce(batch, transaction)
    }

    private func refuse(
        _ refused: MediaBatchRefused,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        let now = clock.now
        guard var batch = try transaction.connection.batch(refused.batchID), batch.state == .reserving,
            batch.end(.failed, refused.code == .quotaExceeded ? .quotaExceeded : .refused, at: now)
        else { return }
        try transaction.announceEnd(of: batch, at: now, cause: EventCause(event))
        announce(batch, transaction)
    }

    /// Which item a file becomes, so that its deletion is known for what it is.
    private func note(_ uploaded: MediaUploaded, _ transaction: borrowing Transaction) throws {
        guard let id = uploaded.batchID, let index = uploaded.batchIndex,
            var file = try transaction.connection.file(index, of: id), file.state == .stored
        else { return }
        file.mediaID = uploaded.mediaID
        try transaction.update(file)
    }

    private func finish(
        _ processed: MediaProcessed,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        guard let id = processed.batchID, let index = processed.batchIndex,
            var batch = try transaction.connection.batch(id),
            var file = try transaction.connection.file(index, of: id),
            batch.finish(&file, as: processed.mediaID)
        else { return }
        let (now, cause) = (clock.now, EventCause(event))
        try transaction.update(file)
        let progressed = BatchProgressed(
            batchID: id,
            ownerID: batch.ownerID,
            index: index,
            mediaID: processed.mediaID,
            counts: batch.counts
        )
        try transaction.publish(progressed, at: now, cause: cause, sequence: batch.version)
        try transaction.settle(&batch, at: now, cause: cause)
        announce(batch, transaction)
    }

    private func fail(_ failed: MediaFailed, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard let id = failed.batchID, let index = failed.batchIndex,
            let file = try transaction.connection.file(index, of: id), file.state == .stored
        else { return }
        let failure = BatchFile.Failure(reason: BatchFailureReason(failed.reason), detail: failed.detail)
        try fail(file, failure, event, transaction)
    }

    /// An item that its owner deletes before its batch has ended is not part of it.
    private func forget(_ deleted: MediaDeleted, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard let file = try transaction.connection.file(ofMedia: deleted.mediaID),
            file.state == .stored || file.state == .ready
        else { return }
        try fail(file, BatchFile.Failure(reason: .deleted, detail: "the item was deleted"), event, transaction)
    }

    private func fail(
        _ file: BatchFile,
        _ failure: BatchFile.Failure,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        guard var batch = try transaction.connection.batch(file.batchID) else { return }
        let (now, cause) = (clock.now, EventCause(event))
        guard try transaction.fail(file, of: &batch, failure, at: now, cause: cause) else { return }
        try transaction.settle(&batch, at: now, cause: cause)
        announce(batch, transaction)
    }

    private func announce(_ batch: Batch, _ transaction: borrowing Transaction) {
        let (changes, clearing) = (changes, clearing)
        transaction.afterCommit {
            changes.announce(batch.id, now: batch)
            if !batch.state.isActive { clearing.wake() }
        }
    }
}
