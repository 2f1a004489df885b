import Contracts
import EventBus
import System

extension Sample {
    /// One of each type about media.
    static func media() throws -> [Sample] {
        let (item, owner, batch, job) = (
            Identifier.sample(9), Identifier.sample(1), Identifier.sample(10), Identifier.sample(11)
        )
        let digest = String(repeating: "9f", count: 32)
        let thumb = MediaVariant(
            name: "thumb.webp",
            contentType: "image/webp",
            width: 200,
            height: 133,
            size: 4096,
            sha256: digest
        )
        let uploaded = MediaUploaded(
            mediaID: item,
            ownerID: owner,
            visibility: .public,
            contentType: "video/mp4",
            size: 1 << 30,
            sha256: digest,
            fileName: "Hội An.mp4",
            batchID: batch,
            batchIndex: 7,
            presetVersion: 1
        )
        let processed = MediaProcessed(
            mediaID: item,
            ownerID: owner,
            visibility: .private,
            kind: .video,
            width: 1920,
            height: 1080,
            durationMilliseconds: 12_345,
            placeholder: "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            variants: [thumb],
            batchID: batch,
            batchIndex: 7
        )
        let finished = MediaJobFinished(
            mediaID: item,
            jobID: job,
            presetVersion: 1,
            kind: .video,
            width: 1920,
            height: 1080,
            durationMilliseconds: 12_345,
            placeholder: "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            variants: [thumb]
        )
        let failed = MediaFailed(
            mediaID: item,
            ownerID: owner,
            reason: .tooManyPixels,
            detail: "more than 50 megapixels",
            batchID: batch,
            batchIndex: 7
        )
        return [
            try Sample(uploaded),
            try Sample(MediaProcessingProgressed(mediaID: item, ownerID: owner, percent: 40, stage: "transcoding")),
            try Sample(processed),
            try Sample(failed),
            try Sample(MediaJobProgressed(mediaID: item, jobID: job, percent: 40, stage: "transcoding")),
            try Sample(finished),
            try Sample(MediaJobFailed(mediaID: item, jobID: job, reason: .damaged, detail: "the file breaks off")),
        ]
    }
    /// One of each type about what may be seen, and about batches.
    static func publication() throws -> [Sample] {
        let (item, owner, batch) = (Identifier.sample(9), Identifier.sample(1), Identifier.sample(10))
        return [
            try Sample(MediaVisibilityChanged(mediaID: item, ownerID: owner, visibility: .public)),
            try Sample(MediaDeleted(mediaID: item, ownerID: owner)),
            try Sample(MediaBatchReserved(batchID: batch, ownerID: owner)),
            try Sample(MediaBatchRefused(batchID: batch, ownerID: owner, code: .quotaExceeded)),
        ]
    }
}
