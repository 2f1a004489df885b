import BlobStore
import Security
import Synchronization
import System

/// A digest that grows with an upload, on whichever thread writes its bytes.
final class UploadDigest: Sendable {
    private let digest: Mutex<IncrementalDigest>

    init(_ function: HashFunction) throws {
        digest = Mutex(try IncrementalDigest(function))
    }

    func update(_ bytes: [UInt8]) { digest.withLock { $0.update(bytes) } }

    /// The digest of all bytes, after which there come no more.
    func finish() -> [UInt8] { digest.withLock { $0.finish() } }
}

/// The SHA-256 of uploads so far, from request to request, so that their files need not be read at the end. Gone with the
/// process, or when there are too many: then a file is read after all. Any thread.
final class UploadDigests: Sendable {
    /// Some 500 bytes each.
    static let limit = 2000

    private struct Kept {
        let digest: UploadDigest
        /// Of how many bytes it is.
        let offset: Int64
    }

    private let kept = Mutex<[Identifier: Kept]>([:])

    /// The digest of an upload's first `offset` bytes, which the caller goes on with; nil when it is not known.
    func take(_ id: Identifier, at offset: Int64) throws -> UploadDigest? {
        if let found = kept.withLock({ $0.removeValue(forKey: id) }), found.offset == offset { return found.digest }
        return offset == 0 ? try UploadDigest(.sha256) : nil
    }

    func keep(_ digest: UploadDigest, of id: Identifier, at offset: Int64) {
        kept.withLock { kept in
            if kept.count >= Self.limit { kept.removeValue(forKey: kept.first?.key ?? id) }
            kept[id] = Kept(digest: digest, offset: offset)
        }
    }

    /// Uploads are gone.
    func forget(_ ids: [Identifier]) {
        kept.withLock { kept in for id in ids { kept[id] = nil } }
    }
}
