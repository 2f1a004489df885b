import Security
import System
import TestSupport
import Testing

@testable import BlobStore

struct DiskBlobTests {
    private let directory: TemporaryDirectory
    private let store: BlobStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try BlobStore("file:\(directory.path)/blobs")
    }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> (path: String, digest: ContentDigest, size: Int64) {
        let path = "\(directory.path)/\(name)"
        try File.replace(path, with: bytes)
        return (path, try ContentDigest.of(file: path, size: Int64(bytes.count)), Int64(bytes.count))
    }

    private func content(_ digest: ContentDigest, _ range: Range<Int64>) async throws -> [UInt8] {
        var all: [UInt8] = []
        try await store.read(digest, range).forEach { all += $0 }
        return all
    }

    private func path(of digest: ContentDigest) -> String {
        let name = digest.description
        return "\(directory.path)/blobs/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
    }

    /// Later than any file of this test.
    private var later: Timestamp { WallClock.system.now.adding(seconds: 60) }

    @Test func `what is put is there by its digest, and the file is gone`() async throws {
        let file = try file("a", Array("hello".utf8))
        #expect(file.digest.description == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        try await store.put(file: file.path, digest: file.digest, size: 5)
        #expect(!File.exists(file.path))
        #expect(File.exists(path(of: file.digest)))
        #expect(try await store.size(of: file.digest) == 5)
        #expect(try await content(file.digest, 1..<4) == Array("ell".utf8))
    }

    @Test func `a large blob comes in pieces and a range of it begins and ends where it was asked to`() async throws {
        let bytes = (0..<(BlobReader.pieceSize * 3 + 17)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try file("a", bytes)
        try await store.put(file: file.path, digest: file.digest, size: file.size)
        #expect(try await content(file.digest, 0..<file.size) == bytes)
        #expect(try await content(file.digest, 262_143..<262_146) == Array(bytes[262_143..<262_146]))
        #expect(try await content(file.digest, 5..<5).isEmpty)
        await #expect(throws: BlobError.sizeMismatch) { _ = try await content(file.digest, file.size..<file.size + 1) }
    }

    @Test func `many puts of the same content at once leave one blob`() async throws {
        let store = store
        let files = try (0..<24).map { try file("f\($0)", Array(repeating: 7, count: 10_000)) }
        try await withThrowingTaskGroup { group in
            for file in files {
                group.addTask { try await store.put(file: file.path, digest: file.digest, size: file.size) }
            }
            try await group.waitForAll()
        }
        #expect(files.allSatisfy { !File.exists($0.path) })
        #expect(try await store.list(limit: 10).map(\.digest) == [files[0].digest])
    }

    @Test func `a put that a crash cut off before the rename leaves no blob, and is repeated`() async throws {
        let file = try file("a", [1, 2, 3])
        // What the crash left: the folder, and the file under its old name.
        try File.createDirectory(File.directory(of: path(of: file.digest)))
        #expect(try await store.size(of: file.digest) == nil)
        try await store.put(file: file.path, digest: file.digest, size: 3)
        #expect(try await content(file.digest, 0..<3) == [1, 2, 3])
    }

    @Test func `a file of another size than said is refused and stays`() async throws {
        let file = try file("a", [1, 2, 3])
        await #expect(throws: BlobError.sizeMismatch) {
            try await store.put(file: file.path, digest: file.digest, size: 4)
        }
        #expect(File.exists(file.path))
        #expect(try await store.list(limit: 10).isEmpty)
    }

    @Test func `a blob that was put again is not removed by who looked before`() async throws {
        let first = try file("a", [9])
        try await store.put(file: first.path, digest: first.digest, size: 1)
        let limit = try #require(try await store.list(limit: 1).first).touchedAt
        // The clock of files ticks a few milliseconds at a time.
        try await eventually("the blob is touched") {
            let again = try file("b", [9])
            try await store.put(file: again.path, digest: again.digest, size: 1)
            return try #require(try await store.list(limit: 1).first).touchedAt > limit
        }
        #expect(try await store.remove(first.digest, unlessTouchedSince: limit) == false)
        #expect(try await content(first.digest, 0..<1) == [9])
        #expect(try await store.remove(first.digest, unlessTouchedSince: later))
        #expect(try await store.size(of: first.digest) == nil)
        #expect(try await store.remove(first.digest, unlessTouchedSince: later), "gone already")
    }

    @Test func `after a put the blob is there, however often it is removed meanwhile`() async throws {
        let (store, directory) = (store, directory.path)
        let digest = try file("sample", [5, 5]).digest
        let limit = later
        try await withThrowingTaskGroup { group in
            group.addTask {
                for round in 0..<200 {
                    let path = "\(directory)/r\(round)"
                    try File.replace(path, with: [5, 5])
                    try await store.put(file: path, digest: digest, size: 2)
                }
            }
            group.addTask {
                for _ in 0..<200 { try await store.remove(digest, unlessTouchedSince: limit) }
            }
            try await group.waitForAll()
        }
        let last = try file("last", [5, 5])
        try await store.put(file: last.path, digest: digest, size: 2)
        #expect(try await content(digest, 0..<2) == [5, 5])
    }

    @Test func `a reader that has begun is not disturbed by the removal`() async throws {
        let file = try file("a", [1, 2, 3])
        try await store.put(file: file.path, digest: file.digest, size: 3)
        let reader = try await store.read(file.digest, 0..<3)
        try await store.remove(file.digest, unlessTouchedSince: later)
        var all: [UInt8] = []
        try await reader.forEach { all += $0 }
        #expect(all == [1, 2, 3])
    }

    @Test func `a fetched blob is the content under a path of one's own`() async throws {
        let file = try file("a", [1, 2, 3])
        try await store.put(file: file.path, digest: file.digest, size: 3)
        let copy = "\(directory.path)/copy"
        try await store.fetch(file.digest, to: copy)
        try await store.remove(file.digest, unlessTouchedSince: later)
        #expect(try File.read(copy) == [1, 2, 3])
    }

    @Test func `what is not there is said to be not there`() async throws {
        let absent = try #require(ContentDigest(String(repeating: "0", count: 64)))
        #expect(try await store.size(of: absent) == nil)
        await #expect(throws: BlobError.notFound) { _ = try await store.read(absent, 0..<1) }
        await #expect(throws: BlobError.notFound) { try await store.fetch(absent, to: "\(directory.path)/x") }
    }

    @Test func `a sweep sees every blob once, page by page`() async throws {
        for number in 0..<30 {
            let file = try file("f", Array("\(number)".utf8))
            try await store.put(file: file.path, digest: file.digest, size: file.size)
        }
        var seen: [ContentDigest] = []
        while true {
            let page = try await store.list(after: seen.last, limit: 7)
            if page.isEmpty { break }
            seen += page.map(\.digest)
        }
        #expect(seen.count == 30)
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == 30)
    }

    @Test(arguments: ["", "file:", "blobs", "ftp://x"])
    func `a location that is none is refused`(location: String) {
        #expect(throws: BlobError.invalidLocation(location)) { _ = try BlobStore(location) }
    }

    @Test(arguments: ["", "zz", String(repeating: "g", count: 64), String(repeating: "a", count: 63)])
    func `what is no digest is no digest`(text: String) {
        #expect(ContentDigest(text) == nil)
    }
}
