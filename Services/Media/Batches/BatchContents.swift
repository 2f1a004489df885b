import BlobStore
import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Looks at what the files of batches are, which their senders may say wrong: what is taken becomes the job of a worker, of
/// what is not nothing is left. Outside of transactions, for contents lie on a disk or in S3.
struct BatchContents: Sendable {
    private static let batch = 50

    let database: Database
    let blobs: BlobStore
    let types: ContentTypes
    let clock: WallClock
    /// Woken when blobs may have become unused.
    let collector: DueWork

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        let items = try await database.read { try $0.unseenMedia(limit: Self.batch) }
        guard !items.isEmpty else { return nil }
        var found: [(id: Identifier, type: String?)] = []
        for media in items { found.append((media.id, try await type(of: media))) }
        let (now, contents) = (clock.now, found)
        try await database.write(priority: .background) { transaction in
            for content in contents {
                guard let media = try transaction.connection.media(content.id) else { continue }
                try Self.settle(media, content.type, at: now, transaction)
            }
        }
        collector.wake()
        return now
    }

    /// Nil when the content is not there.
    private func type(of media: Media) async throws -> String? {
        do {
            guard try await blobs.size(of: media.digest) == media.size else { return nil }
            var head: [UInt8] = []
            let reader = try await blobs.read(media.digest, 0..<min(media.size, Int64(ContentTypes.headLength)))
            try await reader.forEach { head += $0 }
            return try await types.type(ofHead: head)
        } catch BlobError.notFound {
            return nil
        }
    }

    private static func settle(
        _ media: Media,
        _ type: String?,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard media.isUnseen else { return }
        let trace = try transaction.connection.traceparent(ofMedia: media.id)
        var media = media
        if let type, ContentTypes.isTaken(type) {
            media.recognize(as: type, job: .version7(at: now))
            try transaction.update(media)
            try transaction.requestProcessing(of: media, at: now, traceparent: trace)
        } else {
            try transaction.remove(media, at: now)
            let failed =
                if let type { media.failed(.unsupportedType, "Images and films are taken; this is \(type).") } else {
                    media.failed(.internal, "Its bytes are lost.")
                }
            try transaction.publish(failed, at: now, sequence: media.version + 1, traceparent: trace)
        }
    }
}
