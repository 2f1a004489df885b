import Outbound
import Reactor
import Security
import Synchronization
import System

/// Sends a file to a bucket, whole or in parts. What is sent is read from the file as it goes, under a signed SHA-256 that the
/// store checks; parts are added up here too, so that no object gets a name that is not its digest.
struct S3Upload: Sendable {
    private static let pieceSize = 1 << 20

    let client: S3Client
    let workers: WorkerPool
    let key: String
    let file: OpenFile
    let size: Int64

    private struct Part {
        let number: Int
        let tag: String
        let checksum: String
    }

    /// Errors: `digestMismatch`, `unavailable`.
    func run(_ digest: ContentDigest) async throws {
        if size <= client.limits.partSize {
            _ = try await client.send(request(0..<size, digest.bytes))
        } else {
            try await runInParts(digest)
        }
    }

    private func request(_ range: Range<Int64>, _ digest: [UInt8]) -> S3Request {
        var request = S3Request("PUT", key)
        request.body = .file(file, range)
        request.digest = Hexadecimal.encode(digest)
        request.headers = [("x-amz-checksum-sha256", Base64.encode(digest))]
        return request
    }

    private func runInParts(_ digest: ContentDigest) async throws {
        var opening = S3Request("POST", key)
        opening.query = [("uploads", "")]
        opening.headers = [("x-amz-checksum-algorithm", "SHA256")]
        opening.body = .bytes([])
        guard let id = XMLText(try await client.send(opening).body).first("UploadId") else {
            throw BlobError.unavailable("an upload without a name")
        }
        let name = S3Text.encoded(id)
        do {
            let parts = try await send(digest, name)
            try await complete(parts, name, digest)
        } catch {
            // The cause is what matters; a bucket's own rules remove what this leaves.
            var closing = S3Request("DELETE", key)
            closing.query = [("uploadId", name)]
            _ = try? await client.send(closing)
            throw error
        }
    }

    private func send(_ digest: ContentDigest, _ upload: String) async throws -> [Part] {
        let whole = Mutex(try IncrementalDigest(.sha256))
        var parts: [Part] = []
        var offset: Int64 = 0
        while offset < size {
            let range = offset..<min(offset + client.limits.partSize, size)
            let sum = try await workers.run { try self.sum(range, whole) }
            var request = request(range, sum)
            request.query = [("partNumber", "\(parts.count + 1)"), ("uploadId", upload)]
            guard let tag = try await client.send(request).header("ETag") else {
                throw BlobError.unavailable("a part without a tag")
            }
            parts.append(Part(number: parts.count + 1, tag: tag, checksum: Base64.encode(sum)))
            offset = range.upperBound
        }
        guard whole.withLock({ $0.finish() }) == digest.bytes else { throw BlobError.digestMismatch }
        return parts
    }

    /// The SHA-256 of a part, which is added to the whole. Blocks.
    private func sum(_ range: Range<Int64>, _ whole: borrowing Mutex<IncrementalDigest>) throws -> [UInt8] {
        let part = try IncrementalDigest(.sha256)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try file.read(at: offset, count: Int(min(Int64(Self.pieceSize), range.upperBound - offset)))
            guard !piece.isEmpty else { throw BlobError.sizeMismatch }
            part.update(piece)
            whole.withLock { $0.update(piece) }
            offset += Int64(piece.count)
        }
        return part.finish()
    }

    private func complete(_ parts: [Part], _ upload: String, _ digest: ContentDigest) async throws {
        let list = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(S3Text.escaped(part.tag))</ETag>"
                + "<ChecksumSHA256>\(part.checksum)</ChecksumSHA256></Part>"
        }
        let body = Array(
            ("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + list.joined()
                + "</CompleteMultipartUpload>").utf8
        )
        var request = S3Request("POST", key)
        request.query = [("uploadId", upload)]
        request.body = .bytes(body)
        request.digest = Hexadecimal.encode(HashFunction.sha256.digest(body))
        request.headers = [("Content-Type", "application/xml")]
        request.stallSeconds = client.limits.assemblySeconds
        do {
            _ = try await client.send(request)
        } catch BlobError.unavailable("404 NoSuchUpload") {
            // Done by a try whose answer was lost, when the object is there.
            let head = try await client.send(S3Request("HEAD", key))
            guard head.header("Content-Length").flatMap(Int64.init) == size else {
                throw BlobError.unavailable("404 NoSuchUpload")
            }
        }
    }
}

/// Texts inside of a request.
enum S3Text {
    /// Percent-encoding of a query's value (RFC 3986).
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            S3Location.isUnreserved(byte)
                ? String(Unicode.Scalar(byte)) : "%" + Hexadecimal.encode([byte]).uppercased()
        }.joined()
    }

    /// The content of an XML element.
    static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: String(character)
            }
        }.joined()
    }
}
