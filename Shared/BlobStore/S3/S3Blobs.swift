import HTTPCore
import Outbound
import Reactor
import Security
import Synchronization
import System

/// Blobs as objects `ab/cd/<digest>` of a bucket, laid out as ``DiskBlobs`` does: a tool that copies folders moves a store.
///
/// To touch an object is to copy it onto itself: its time is its last modification, to the second. A removal takes several
/// requests, so it is announced by an object `removing/<digest>` between two looks at the time, and who has just touched
/// a blob looks for that: either the remover sees the new time, or the toucher sees the announcement, waits until it is gone
/// and looks whether the blob is still there (S3 is strongly consistent). Errors: BlobError, SystemError.
struct S3Blobs: Sendable {
    let client: S3Client
    let workers: WorkerPool

    private static let pageSize = 1000
    private static let pollMilliseconds = 50

    // MARK: Reading

    /// See ``BlobStore/read(_:_:)``.
    func open(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> S3Object {
        guard range.isEmpty else { return S3Object(digest, self, try await stream(digest, range)) }
        guard try await knownStatus(digest) != nil else { throw BlobError.notFound }
        return S3Object(digest, self, nil)
    }

    /// The bytes of a range that is not empty, as they come.
    func stream(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> OutboundStream {
        var request = S3Request("GET", Self.key(of: digest))
        request.headers = [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        let stream = try await client.open(request)
        guard stream.head.status == 206 || range.lowerBound == 0 else {
            throw BlobError.unavailable("the object store does not know ranges")
        }
        return stream
    }

    /// See ``BlobStore/fetch(_:to:)``.
    func fetch(_ digest: ContentDigest, to path: String) async throws {
        guard let blob = try await knownStatus(digest) else { throw BlobError.notFound }
        let object = try await open(digest, 0..<blob.size)
        let file = try await workers.run { try OpenFile(writing: path, creating: true) }
        let sum = Mutex(try IncrementalDigest(.sha256))
        do {
            var offset: Int64 = 0
            try await object.forEach(in: 0..<blob.size) { piece in
                let place = offset
                try await workers.run {
                    sum.withLock { $0.update(piece) }
                    try file.write(piece, at: place)
                }
                offset += Int64(piece.count)
            }
            guard sum.withLock({ $0.finish() }) == digest.bytes else { throw BlobError.digestMismatch }
        } catch {
            // The cause is what matters; whatever stays is in the way of nobody.
            try? await workers.run { try File.remove(path) }
            throw error
        }
    }

    /// What is known of a blob; nil when there is none.
    private func status(_ digest: ContentDigest) async throws -> StoredBlob? {
        do {
            let answer = try await client.send(S3Request("HEAD", Self.key(of: digest)))
            guard let size = answer.header("Content-Length").flatMap(Int64.init),
                let time = answer.header("Last-Modified").flatMap(HTTPDate.parse)
            else { throw BlobError.unavailable("an object without size and time") }
            return StoredBlob(digest: digest, size: size, touchedAt: Self.endOfSecond(time))
        } catch BlobError.notFound {
            return nil
        }
    }

    /// As `status`, where nothing else would notice that the bucket is missing: an answer to HEAD has no body that says so.
    func knownStatus(_ digest: ContentDigest) async throws -> StoredBlob? {
        if let blob = try await status(digest) { return blob }
        do {
            _ = try await client.send(S3Request("HEAD", nil))
        } catch BlobError.notFound {
            throw BlobError.unavailable("there is no bucket \(client.location.bucket)")
        }
        return nil
    }

    /// See ``BlobStore/list(after:limit:)``.
    func list(after digest: ContentDigest?, limit: Int) async throws -> [StoredBlob] {
        var found: [StoredBlob] = []
        var last = digest.map { client.location.prefix + Self.key(of: $0) } ?? client.location.prefix
        while found.count < limit {
            var request = S3Request("GET", nil)
            request.query = [
                ("list-type", "2"), ("max-keys", "\(min(limit - found.count, Self.pageSize))"),
                ("prefix", S3Text.encoded(client.location.prefix)), ("start-after", S3Text.encoded(last)),
            ]
            let page = XMLText(try await client.send(request).body)
            let objects = page.all("Contents")
            found += objects.compactMap(stored)
            guard let end = objects.last?.first("Key"), page.first("IsTruncated") == "true" else { break }
            last = end
        }
        return found
    }

    /// What is no blob is left alone.
    private func stored(_ object: XMLText) -> StoredBlob? {
        guard let key = object.first("Key"), key.hasPrefix(client.location.prefix),
            let name = key.split(separator: "/").last, let digest = ContentDigest(name),
            key.dropFirst(client.location.prefix.count) == Self.key(of: digest),
            let size = object.first("Size").flatMap(Int64.init),
            let time = object.first("LastModified").flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return StoredBlob(digest: digest, size: size, touchedAt: Self.endOfSecond(time))
    }

    // MARK: Writing

    /// See ``BlobStore/put(file:digest:size:)``.
    func put(file path: String, _ digest: ContentDigest, size: Int64) async throws {
        let file = try await workers.run {
            guard let status = try File.status(path), !status.isDirectory else { throw BlobError.notFound }
            guard status.size == size else { throw BlobError.sizeMismatch }
            return try OpenFile(reading: path)
        }
        let upload = S3Upload(client: client, workers: workers, key: Self.key(of: digest), file: file, size: size)
        if try await status(digest)?.size == size, size <= client.limits.copySize {
            try await touch(digest)
            try await waitForRemoval(of: digest)
            if try await status(digest) == nil { try await upload.run(digest) }
        } else {
            try await upload.run(digest)
        }
        try await workers.run { try File.remove(path) }
    }

    private func touch(_ digest: ContentDigest) async throws {
        let key = Self.key(of: digest)
        var request = S3Request("PUT", key)
        request.body = .bytes([])
        request.stallSeconds = client.limits.assemblySeconds
        request.headers = [
            ("x-amz-copy-source", "/\(client.location.bucket)/\(client.location.prefix)\(key)"),
            // Without it an object may not be copied onto itself.
            ("x-amz-metadata-directive", "REPLACE"),
        ]
        do {
            _ = try await client.send(request)
        } catch BlobError.notFound {
            // It was removed since; `put` sees that.
        }
    }

    // MARK: Removing

    /// See ``BlobStore/remove(_:unlessTouchedSince:)``.
    func remove(_ digest: ContentDigest, unlessTouchedSince limit: Timestamp) async throws -> Bool {
        guard let blob = try await knownStatus(digest) else { return true }
        guard blob.touchedAt <= limit else { return false }
        var announcement = S3Request("PUT", Self.removalKey(of: digest))
        announcement.body = .bytes([])
        _ = try await client.send(announcement)
        let start = MonotonicClock.nanoseconds
        let again = try await status(digest)
        let isOld = again.map { $0.touchedAt <= limit } ?? true
        let seconds = Int64((MonotonicClock.nanoseconds - start) / 1_000_000_000)
        if again != nil, isOld {
            guard seconds < client.limits.removalSeconds / 2 else { throw BlobError.unavailable("too slow to remove") }
            try await removeOnce(digest)
        }
        _ = try await client.send(S3Request("DELETE", Self.removalKey(of: digest)))
        return isOld
    }

    /// One try: a second one might meet a blob that was put since. When it fails the announcement stays until it is too old,
    /// for the request may still be under way.
    private func removeOnce(_ digest: ContentDigest) async throws {
        var request = S3Request("DELETE", Self.key(of: digest))
        request.stallSeconds = min(client.limits.stallSeconds, Int(client.limits.removalSeconds / 4))
        do {
            _ = try await client.sendOnce(request)
        } catch let refusal as S3Refusal {
            if refusal.meaning != .notFound { throw refusal.meaning }
        } catch let error as OutboundError {
            throw BlobError.unavailable("\(error)")
        }
    }

    /// Waits until nobody is about to remove the blob.
    private func waitForRemoval(of digest: ContentDigest) async throws {
        while true {
            do {
                let answer = try await client.send(S3Request("HEAD", Self.removalKey(of: digest)))
                let now = answer.header("Date").flatMap(HTTPDate.parse)
                guard let now, let time = answer.header("Last-Modified").flatMap(HTTPDate.parse),
                    now < time.adding(seconds: client.limits.removalSeconds)
                else { return }
            } catch BlobError.notFound {
                return
            }
            try await S3Client.pause(milliseconds: Self.pollMilliseconds)
        }
    }

    /// Breaks off what is under way. Blocks.
    func close() { client.close() }

    // MARK: Names

    private static func key(of digest: ContentDigest) -> String {
        let name = digest.description
        return "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
    }

    private static func removalKey(of digest: ContentDigest) -> String { "removing/\(digest)" }

    /// Times come to the second: the latest that it can have been.
    private static func endOfSecond(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds / 1000 * 1000 + 999)
    }
}
