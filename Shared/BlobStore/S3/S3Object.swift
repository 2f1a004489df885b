import Outbound
import Synchronization

/// An object that is being read.
final class S3Object: Sendable {
    private let digest: ContentDigest
    private let blobs: S3Blobs
    /// Of the request that found the object; nil when nothing was asked for.
    private let first: Mutex<OutboundStream?>

    init(_ digest: ContentDigest, _ blobs: S3Blobs, _ stream: OutboundStream?) {
        self.digest = digest
        self.blobs = blobs
        first = Mutex(stream)
    }

    /// See ``BlobReader/forEach(_:)``. A body that is cut goes on where it ended, by another request.
    func forEach(in range: Range<Int64>, _ write: (_ piece: [UInt8]) async throws -> Void) async throws {
        var offset = range.lowerBound
        var failures = 0
        var stream = first.withLock { $0.take() }
        while offset < range.upperBound {
            let piece: [UInt8]?
            do {
                if stream == nil { stream = try await blobs.stream(digest, offset..<range.upperBound) }
                piece = try await stream?.next()
            } catch let error as OutboundError {
                failures += 1
                guard error.isRetriable, failures < blobs.client.limits.attempts else {
                    throw BlobError.unavailable("\(error)")
                }
                stream = nil
                continue
            }
            guard var piece else { throw BlobError.sizeMismatch }
            failures = 0
            // A server that does not know ranges sends more.
            if Int64(piece.count) > range.upperBound - offset {
                piece.removeLast(piece.count - Int(range.upperBound - offset))
            }
            try await write(piece)
            offset += Int64(piece.count)
        }
    }
}
