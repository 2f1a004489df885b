import System
import TestSupport
import Testing

@testable import BlobStore

/// What holds on a disk alone.
struct DiskBlobTests {
    private func path(of digest: ContentDigest, in rig: BlobRig) -> String {
        let name = digest.description
        return "\(rig.directory.path)/blobs/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
    }

    @Test func `a blob is a file under its digest`() async throws {
        let rig = try await BlobRig(.disk)
        let digest = try await rig.put([1, 2])
        #expect(try File.read(path(of: digest, in: rig)) == [1, 2])
    }

    @Test func `a put that a crash cut off before the rename leaves no blob, and is repeated`() async throws {
        let rig = try await BlobRig(.disk)
        let file = try rig.file("a", [1, 2, 3])
        // What the crash left: the folder, and the file under its old name.
        try File.createDirectory(File.directory(of: path(of: file.digest, in: rig)))
        #expect(try await rig.store.size(of: file.digest) == nil)
        try await rig.store.put(file: file.path, digest: file.digest, size: 3)
        #expect(try await rig.content(file.digest, 0..<3) == [1, 2, 3])
    }

    @Test func `a reader that has begun is not disturbed by the removal`() async throws {
        let rig = try await BlobRig(.disk)
        let digest = try await rig.put([1, 2, 3])
        let reader = try await rig.store.read(digest, 0..<3)
        try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later)
        var all: [UInt8] = []
        try await reader.forEach { all += $0 }
        #expect(all == [1, 2, 3])
    }
}
