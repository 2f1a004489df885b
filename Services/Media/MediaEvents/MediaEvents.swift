import BlobStore
import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What workers report, what becomes of batches and of accounts (group `media`). The first terminal result of an item's current job
/// becomes one terminal event; any other result changes nothing.
struct MediaEvents: Sendable {
    static let group = "media"
    static let topics: [Topic] = [.mediaResults, .batchEvents, .userEvents]
    /// Files that one item may be made into.
    static let maximumVariants = 64
    static let maximumDetailLength = 500

    let clock: WallClock
    let batches: BatchEvents
    /// Woken when an account is to be erased.
    let erasing: DueWork
    /// Woken when blobs may have become unused.
    let collector: DueWork

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaJobProgressed.type: try progress(try event.decode(), event, transaction)
        case MediaJobFinished.type: try finish(try event.decode(), event, transaction)
        case MediaJobFailed.type: try fail(try event.decode(), event, transaction)
        case UserBanned.type, UserUnbanned.type: try transaction.follow(account: event, erasing: erasing)
        case UserDeleted.type:
            try transaction.follow(account: event, erasing: erasing)
            try transaction.forgetBatches(of: try event.decode(UserDeleted.self).userID)
        default: try batches.handle(event, transaction)
        }
    }

    private func progress(
        _ report: MediaJobProgressed,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        guard var media = try transaction.connection.media(report.mediaID), media.jobID == report.jobID else { return }
        if media.begin(report.jobID) { try transaction.update(media) }
        let progressed = MediaProcessingProgressed(
            mediaID: media.id,
            ownerID: media.ownerID,
            percent: min(100, max(0, report.percent)),
            stage: report.stage
        )
        try transaction.publish(progressed, at: clock.now, cause: EventCause(event))
    }

    private func finish(
        _ report: MediaJobFinished,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        try check(report)
        guard let old = try transaction.connection.media(report.mediaID) else { return }
        let output = Media.Output(
            kind: report.kind,
            width: report.width,
            height: report.height,
            durationMilliseconds: report.durationMilliseconds,
            placeholder: report.placeholder,
            variants: report.variants
        )
        var media = old
        guard media.end(report.jobID, .finished(output)) else { return }
        let now = clock.now
        try transaction.update(media)
        try transaction.replaceVariants(of: old, by: media, at: now)
        let processed = MediaProcessed(
            mediaID: media.id,
            ownerID: media.ownerID,
            visibility: media.shownTo,
            kind: output.kind,
            width: output.width,
            height: output.height,
            durationMilliseconds: output.durationMilliseconds,
            placeholder: output.placeholder,
            variants: output.variants,
            batchID: media.batch?.batchID,
            batchIndex: media.batch?.index
        )
        try transaction.publish(processed, at: now, cause: EventCause(event), sequence: media.version)
        transaction.afterCommit { [collector] in collector.wake() }
    }

    /// Names become parts of addresses, so they are plain.
    private func check(_ report: MediaJobFinished) throws {
        let names = Set(report.variants.map(\.name))
        let areGood = report.variants.allSatisfy { variant in
            (1...64).contains(variant.name.utf8.count) && variant.size >= 0 && ContentDigest(variant.sha256) != nil
                && variant.name.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                    default: false
                    }
                }
        }
        guard areGood, names.count == report.variants.count, names.count <= Self.maximumVariants else {
            throw EventError(.undecodable, "the variants are no good")
        }
    }

    private func fail(_ report: MediaJobFailed, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard var media = try transaction.connection.media(report.mediaID) else { return }
        let detail = String(report.detail.prefix(Self.maximumDetailLength))
        guard media.end(report.jobID, .failed(Media.Failure(reason: report.reason, detail: detail))) else { return }
        try transaction.update(media)
        // What was ready stays so: nobody is told of a failure that takes nothing away.
        guard media.state == .failed else { return }
        let failed = media.failed(report.reason, detail)
        try transaction.publish(failed, at: clock.now, cause: EventCause(event), sequence: media.version)
    }
}

extension Media {
    /// What others are told of a failure.
    func failed(_ reason: MediaFailureReason, _ detail: String) -> MediaFailed {
        MediaFailed(
            mediaID: id,
            ownerID: ownerID,
            reason: reason,
            detail: detail,
            batchID: batch?.batchID,
            batchIndex: batch?.index
        )
    }
}
