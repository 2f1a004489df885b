import Contracts
import EventBus
import Persistence
import System

/// What changes of a batch and its files means for the store, the topic and who waits.
extension Transaction {
    /// Lets a file fail: its event, and the batch's last one when it waited for nothing else. False when it had failed.
    @discardableResult
    borrowing func fail(
        _ file: BatchFile,
        of batch: inout Batch,
        _ failure: BatchFile.Failure,
        at now: Timestamp,
        cause: EventCause? = nil,
        traceparent: String? = nil
    ) throws -> Bool {
        var file = file
        guard batch.fail(&file, failure) else { return false }
        try update(file)
        try removeJob(batch.id, file.index)
        let failed = BatchItemFailed(
            batchID: batch.id,
            ownerID: batch.ownerID,
            index: file.index,
            name: file.name,
            reason: failure.reason,
            detail: failure.detail,
            counts: batch.counts
        )
        try publish(failed, at: now, cause: cause, sequence: batch.version, traceparent: traceparent)
        return true
    }

    /// Ends a batch that waits for nothing more, and stores it in any case.
    borrowing func settle(
        _ batch: inout Batch,
        at now: Timestamp,
        cause: EventCause? = nil,
        traceparent: String? = nil
    ) throws {
        if batch.settle(at: now) {
            try announceEnd(of: batch, at: now, cause: cause, traceparent: traceparent)
        } else {
            try update(batch)
        }
    }

    /// Stores a batch that has just ended and tells of it: its one terminal event.
    borrowing func announceEnd(
        of batch: Batch,
        at now: Timestamp,
        cause: EventCause? = nil,
        traceparent: String? = nil
    ) throws {
        try update(batch)
        try removeWork(of: batch.id)
        let (id, owner, counts) = (batch.id, batch.ownerID, batch.counts)
        let files = try connection.files(of: id)
        let failures = files.compactMap { file in
            file.failure.map { BatchFailure(index: file.index, name: file.name, reason: $0.reason) }
        }
        switch batch.state {
        case .completed:
            let ready = files.compactMap { file in
                file.state == .ready ? file.mediaID.map { BatchReadyFile(index: file.index, mediaID: $0) } : nil
            }
            let completed = BatchCompleted(
                batchID: id,
                ownerID: owner,
                visibility: batch.visibility,
                counts: counts,
                files: ready,
                failures: failures
            )
            try publish(completed, at: now, cause: cause, sequence: batch.version, traceparent: traceparent)
        case .failed:
            let failed = BatchFailed(
                batchID: id,
                ownerID: owner,
                reason: batch.reason ?? .internal,
                counts: counts,
                failures: failures
            )
            try publish(failed, at: now, cause: cause, sequence: batch.version, traceparent: traceparent)
        case .cancelled:
            let cancelled = BatchCancelled(batchID: id, ownerID: owner, counts: counts)
            try publish(cancelled, at: now, cause: cause, sequence: batch.version, traceparent: traceparent)
        case .expired:
            let expired = BatchExpired(batchID: id, ownerID: owner, counts: counts)
            try publish(expired, at: now, cause: cause, sequence: batch.version, traceparent: traceparent)
        case .reserving, .open, .completing: break  // Not an end.
        }
    }
}
