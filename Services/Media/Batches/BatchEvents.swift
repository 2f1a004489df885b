import BlobStore
import Contracts
import EventBus
import Persistence
import ServiceKit
import System
import Telemetry

/// What BatchUpload tells (group `media`): room is reserved for a batch, each of its files becomes an item that is hidden, and
/// at its end all are shown in one transaction, or deleted.
struct BatchEvents: Sendable {
    let limits: UploadLimits
    let presetVersion: Int
    let clock: WallClock
    /// Woken when there is content to look at.
    let looking: DueWork
    /// Woken when items are to be deleted.
    let discarding: DueWork

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case BatchStarted.type: try begin(try event.decode(), event, transaction)
        case BatchFileStored.type: try add(try event.decode(), event, transaction)
        case BatchCompleted.type: try show(try event.decode(), event, transaction)
        case BatchFailed.type:
            let failed = try event.decode(BatchFailed.self)
            try discard(failed.batchID, of: failed.ownerID, transaction)
        case BatchCancelled.type:
            let cancelled = try event.decode(BatchCancelled.self)
            try discard(cancelled.batchID, of: cancelled.ownerID, transaction)
        case BatchExpired.type:
            let expired = try event.decode(BatchExpired.self)
            try discard(expired.batchID, of: expired.ownerID, transaction)
        default: break  // Nothing that items depend on.
        }
    }

    // MARK: The beginning

    private func begin(_ started: BatchStarted, _ event: Event, _ transaction: borrowing Transaction) throws {
        // Over already, or begun: it was answered then.
        guard try transaction.connection.batch(started.batchID) == nil else { return }
        let (now, cause) = (clock.now, EventCause(event))
        do {
            let batch = try reserve(started, transaction)
            try transaction.store(batch)
            try transaction.publish(
                MediaBatchReserved(batchID: batch.id, ownerID: batch.ownerID),
                at: now,
                cause: cause
            )
        } catch let problem as Problem {
            try transaction.publish(
                MediaBatchRefused(batchID: started.batchID, ownerID: started.ownerID, code: problem.code),
                at: now,
                cause: cause
            )
        }
    }

    private func reserve(_ started: BatchStarted, _ transaction: borrowing Transaction) throws -> Batch {
        try transaction.connection.checkStanding(of: started.ownerID)
        var bytes: Int64 = 0
        for file in started.files {
            let (sum, overflow) = bytes.addingReportingOverflow(file.size)
            guard !overflow, (0...limits.maximumSize).contains(file.size) else { throw Problem(.payloadTooLarge) }
            bytes = sum
        }
        let items = Int64(started.files.count)
        try transaction.reserve(bytes: bytes, items: items, of: started.ownerID, quota: limits.quota)
        return Batch(id: started.batchID, ownerID: started.ownerID, bytes: bytes, items: items)
    }

    // MARK: Files

    /// The file's room becomes the item's. What the content is nobody has looked at yet.
    private func add(_ file: BatchFileStored, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard let digest = ContentDigest(file.sha256) else { throw EventError(.undecodable, "no digest") }
        let id = Identifier.item(ofFile: file.index, in: file.batchID)
        guard var batch = try transaction.connection.batch(file.batchID), batch.ownerID == file.ownerID,
            try transaction.connection.media(id) == nil, batch.take(size: file.size)
        else { return }
        try transaction.store(batch)
        let now = clock.now
        let media = Media(
            id: id,
            ownerID: file.ownerID,
            visibility: file.visibility,
            fileName: UploadDetails.cleaned(fileName: file.name),
            contentType: Media.unknownType,
            size: file.size,
            digest: digest,
            presetVersion: presetVersion,
            batch: Media.BatchPlace(batchID: file.batchID, index: file.index),
            isHidden: true,
            createdAt: now
        )
        guard try !transaction.connection.isBanned(file.ownerID) else {
            try transaction.release(bytes: media.size, items: 1, of: media.ownerID)
            try transaction.publish(
                media.failed(.refused, "Its owner may not upload."),
                at: now,
                cause: EventCause(event)
            )
            return
        }
        try transaction.insert(media, traceparent: transaction.trace?.traceparent ?? event.traceparent)
        transaction.afterCommit { [looking] in looking.wake() }
    }

    // MARK: The end

    private func show(_ completed: BatchCompleted, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard try end(completed.batchID, of: completed.ownerID, .over, transaction) else { return }
        let (now, cause) = (clock.now, EventCause(event))
        for item in try transaction.show(itemsOf: completed.batchID) {
            try transaction.publish(
                MediaVisibilityChanged(mediaID: item.id, ownerID: completed.ownerID, visibility: .public),
                at: now,
                cause: cause,
                sequence: item.version
            )
        }
    }

    private func discard(_ id: Identifier, of owner: Identifier, _ transaction: borrowing Transaction) throws {
        guard try end(id, of: owner, .discarding, transaction) else { return }
        transaction.afterCommit { [discarding] in discarding.wake() }
    }

    /// False when the batch was not open. One that never began here is over too, lest its beginning come late.
    private func end(
        _ id: Identifier,
        of owner: Identifier,
        _ state: Batch.State,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        guard let batch = try transaction.connection.batch(id) else {
            if try !transaction.connection.isErased(owner) {
                try transaction.store(Batch(id: id, ownerID: owner, state: .over, bytes: 0, items: 0))
            }
            return false
        }
        guard batch.state == .open, batch.ownerID == owner else { return false }
        try transaction.end(batch, state)
        return true
    }
}
