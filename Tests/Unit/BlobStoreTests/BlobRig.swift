import System
import TestSupport

@testable import BlobStore

/// What a blob store may lie on.
enum Medium: CaseIterable {
    case disk
    case objects
}

/// A store of a test's own, with a folder for files.
struct BlobRig: Sendable {
    let directory: TemporaryDirectory
    let store: BlobStore

    init(_ medium: Medium, limits: S3Limits = BlobRig.quick, environment: [String: String] = [:]) async throws {
        directory = try TemporaryDirectory()
        switch medium {
        case .disk: store = try BlobStore("file:\(directory.path)/blobs")
        case .objects:
            store = try BlobStore(
                "s3:\(ObjectStore.bucket)/\(Identifier.version7(at: WallClock.system.now))",
                environment: try await ObjectStore.shared.value.environment.merging(environment) { $1 },
                limits: limits
            )
        }
    }

    /// Limits of an object store that a test need not wait for.
    static var quick: S3Limits {
        var limits = S3Limits()
        limits.backoffMilliseconds = 5
        limits.partSize = 5 << 20
        return limits
    }

    /// Makes a file.
    func file(_ name: String, _ bytes: [UInt8]) throws -> (path: String, digest: ContentDigest, size: Int64) {
        let path = directory.appending(name)
        try File.replace(path, with: bytes)
        return (path, try ContentDigest.of(file: path, size: Int64(bytes.count)), Int64(bytes.count))
    }

    /// Makes a file and puts it.
    @discardableResult
    func put(_ bytes: [UInt8], from name: String = "put") async throws -> ContentDigest {
        let file = try file(name, bytes)
        try await store.put(file: file.path, digest: file.digest, size: file.size)
        return file.digest
    }

    func content(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> [UInt8] {
        var all: [UInt8] = []
        try await store.read(digest, range).forEach { all += $0 }
        return all
    }

    /// So many bytes that are not all the same.
    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
    }

    /// Later than any blob of a test.
    static var later: Timestamp { WallClock.system.now.adding(seconds: 60) }
}
