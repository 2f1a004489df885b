import Contracts
import EventBus
import Persistence
import System

/// What owners hear of their uploads. Items of a batch are told of together, when the batch has ended.
extension NotificationEvents {
    func handleUpload(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaProcessed.type: try tell(ofReady: try event.decode(), event, transaction)
        case MediaFailed.type: try tell(ofFailed: event.decode(MediaFailed.self), event, transaction)
        case MediaDeleted.type: try NotificationStore.forgetFilm(event.decode(MediaDeleted.self).mediaID, transaction)
        case BatchCompleted.type: try tell(ofCompleted: try event.decode(), event, transaction)
        case BatchFailed.type: try tell(ofFailed: event.decode(BatchFailed.self), event, transaction)
        default: return
        }
    }

    private func note(
        _ type: String,
        to user: Identifier,
        _ data: [String: String],
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        try teller.tell(notice(type, to: user, data, event), cause: event, transaction)
    }

    private func tell(ofReady item: MediaProcessed, _ event: Event, _ transaction: borrowing Transaction) throws {
        if item.kind == .video { try NotificationStore.noteFilm(item.mediaID, transaction) }
        guard item.batchID == nil else { return }
        let data = ["media_id": item.mediaID.description, "kind": item.kind.rawValue]
        try note(MediaProcessed.type, to: item.ownerID, data, event, transaction)
    }

    private func tell(ofFailed item: MediaFailed, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard item.batchID == nil else { return }
        let data = ["media_id": item.mediaID.description, "reason": item.reason.rawValue]
        try note(MediaFailed.type, to: item.ownerID, data, event, transaction)
    }

    private func tell(ofCompleted batch: BatchCompleted, _ event: Event, _ transaction: borrowing Transaction) throws {
        let data = Self.data(batch.batchID, batch.counts, batch.failures)
        try note(BatchCompleted.type, to: batch.ownerID, data, event, transaction)
    }

    private func tell(ofFailed batch: BatchFailed, _ event: Event, _ transaction: borrowing Transaction) throws {
        var data = Self.data(batch.batchID, batch.counts, batch.failures)
        if batch.failures.isEmpty { data["reasons"] = batch.reason.rawValue }
        try note(BatchFailed.type, to: batch.ownerID, data, event, transaction)
    }

    /// Each reason once, the most frequent first.
    private static func data(
        _ id: Identifier,
        _ counts: BatchCounts,
        _ failures: [BatchFailure]
    ) -> [String: String] {
        let reasons = Dictionary(grouping: failures, by: \.reason.rawValue).mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        return [
            "batch_id": id.description, "total": String(counts.total), "ready": String(counts.ready),
            "failed": String(counts.failed), "reasons": reasons.joined(separator: ","),
        ]
    }
}
