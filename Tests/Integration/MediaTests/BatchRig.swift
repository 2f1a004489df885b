import BlobStore
import Contracts
import EventBus
import System
import TestSupport
import Testing

/// The test instead of BatchUpload.
extension MediaRig {
    /// Announces a batch of files of these sizes and waits for Media's answer: by then all is handled that was told of the
    /// batch before.
    func begin(
        _ sizes: [Int64],
        of person: Person,
        visibility: MediaVisibility = .public,
        after before: Identifier? = nil
    ) async throws -> (batch: Identifier, answer: String, code: String?) {
        var batch = Identifier.version7(at: WallClock.system.now)
        while let before, Self.partition(of: batch) != Self.partition(of: before) {
            batch = Identifier.version7(at: WallClock.system.now)
        }
        try await publish(started(batch, sizes, of: person, visibility: visibility))
        let answer = try await eventually("an answer about the batch") {
            try await events(of: batch.description).first
        }
        return (batch, answer.type, answer.payload["code"].string)
    }

    private static func partition(of batch: Identifier) -> Int32 {
        Partitioner.partition(of: Array(batch.description.utf8), count: Topic.batchEvents.partitions)
    }

    func started(
        _ batch: Identifier,
        _ sizes: [Int64],
        of person: Person,
        visibility: MediaVisibility = .public
    ) -> BatchStarted {
        BatchStarted(
            batchID: batch,
            ownerID: person.id,
            visibility: visibility,
            files: sizes.enumerated().map { index, size in
                BatchManifestFile(index: index, name: "\(index).gif", size: size, contentType: "image/gif")
            },
            totalSize: sizes.reduce(0, +),
            expiresAt: WallClock.system.now.adding(seconds: 3600)
        )
    }

    /// What is told of a file that lies in the blob store.
    func fileStored(
        _ content: String,
        at index: Int,
        of batch: Identifier,
        by person: Person,
        visibility: MediaVisibility = .public
    ) async throws -> BatchFileStored {
        let path = try file("part-\(index)", Array(content.utf8))
        let size = Int64(content.utf8.count)
        let digest = try ContentDigest.of(file: path, size: size)
        try await blobs.put(file: path, digest: digest, size: size)
        return BatchFileStored(
            batchID: batch,
            ownerID: person.id,
            visibility: visibility,
            index: index,
            name: "../\(index).gif",
            contentType: "image/gif",
            size: size,
            sha256: digest.description
        )
    }

    /// Waits for what Media made of a file of a batch, the first event about it.
    func item(at index: Int, of batch: Identifier) async throws -> (type: String, id: String, payload: JSON) {
        try await eventually("file \(index) is an item, or refused") {
            try await events(of: "").first {
                $0.payload["batch_id"].string == batch.description && $0.payload["batch_index"].int == index
            }
        }
    }

    /// Reports what a worker made of an item.
    func finish(_ uploaded: (type: String, id: String, payload: JSON)) async throws {
        try #require(uploaded.type == MediaUploaded.type, "\(uploaded)")
        let finished = MediaJobFinished(
            mediaID: try #require(uploaded.payload["media_id"].string.flatMap { Identifier($0) }),
            jobID: try #require(Identifier(uploaded.id)),
            presetVersion: 1,
            kind: .image,
            width: 4,
            height: 2,
            placeholder: "L",
            variants: [try await variant("thumb.webp", "thumb of \(uploaded.id)")]
        )
        try await publish(finished)
    }

    func completed(_ batch: Identifier, of person: Person) -> BatchCompleted {
        BatchCompleted(
            batchID: batch,
            ownerID: person.id,
            visibility: .public,
            counts: BatchCounts(total: 1, received: 1, ready: 1, failed: 0),
            files: [],
            failures: []
        )
    }

    func cancelled(_ batch: Identifier, of person: Person) -> BatchCancelled {
        BatchCancelled(
            batchID: batch,
            ownerID: person.id,
            counts: BatchCounts(total: 1, received: 0, ready: 0, failed: 0)
        )
    }
}
