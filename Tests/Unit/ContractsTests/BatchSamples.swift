import Contracts
import EventBus
import System

extension Sample {
    /// One of each type about batches.
    static func batches() throws -> [Sample] {
        let (batch, owner, item) = (Identifier.sample(10), Identifier.sample(1), Identifier.sample(9))
        let counts = BatchCounts(total: 2, received: 2, ready: 1, failed: 1)
        let failures = [BatchFailure(index: 1, name: "Hội An.jpg", reason: .damaged)]
        return try announced(batch, owner) + [
            Sample(BatchProgressed(batchID: batch, ownerID: owner, index: 0, mediaID: item, counts: counts)),
            Sample(
                BatchItemFailed(
                    batchID: batch,
                    ownerID: owner,
                    index: 1,
                    name: "Hội An.jpg",
                    reason: .digestMismatch,
                    detail: "the content has another digest than announced",
                    counts: counts
                )
            ),
            Sample(
                BatchCompleted(
                    batchID: batch,
                    ownerID: owner,
                    visibility: .public,
                    counts: counts,
                    files: [BatchReadyFile(index: 0, mediaID: item)],
                    failures: failures
                )
            ),
            Sample(
                BatchFailed(
                    batchID: batch,
                    ownerID: owner,
                    reason: .nothingReady,
                    counts: BatchCounts(total: 1, received: 1, ready: 0, failed: 1),
                    failures: failures
                )
            ),
            Sample(BatchCancelled(batchID: batch, ownerID: owner, counts: counts)),
            Sample(BatchExpired(batchID: batch, ownerID: owner, counts: counts)),
        ]
    }

    private static func announced(_ batch: Identifier, _ owner: Identifier) throws -> [Sample] {
        let digest = String(repeating: "9f", count: 32)
        let files = [
            BatchManifestFile(index: 0, name: "a.png", size: 7, contentType: "image/png"),
            BatchManifestFile(index: 1, name: "Hội An.jpg", size: 1 << 30, contentType: "image/jpeg", sha256: digest),
        ]
        return [
            try Sample(
                BatchStarted(
                    batchID: batch,
                    ownerID: owner,
                    visibility: .public,
                    files: files,
                    totalSize: (1 << 30) + 7,
                    expiresAt: Timestamp.sample.adding(seconds: 86_400)
                )
            ),
            try Sample(
                BatchPartReceived(
                    batchID: batch,
                    ownerID: owner,
                    index: 1,
                    part: 3,
                    size: 8 << 20,
                    receivedBytes: 24 << 20,
                    isFileWhole: false
                )
            ),
            try Sample(
                BatchFileStored(
                    batchID: batch,
                    ownerID: owner,
                    visibility: .public,
                    index: 1,
                    name: "Hội An.jpg",
                    contentType: "image/jpeg",
                    size: 1 << 30,
                    sha256: digest
                )
            ),
        ]
    }
}
