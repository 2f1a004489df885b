import Security
import System
import TestSupport
import Testing

@testable import BlobStore

/// What holds wherever blobs lie.
struct BlobStoreTests {
    @Test(arguments: Medium.allCases)
    func `what is put is there by its digest, and the file is gone`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let file = try rig.file("a", Array("hello".utf8))
        #expect(file.digest.description == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        try await rig.store.put(file: file.path, digest: file.digest, size: 5)
        #expect(!File.exists(file.path))
        #expect(try await rig.store.size(of: file.digest) == 5)
        #expect(try await rig.content(file.digest, 1..<4) == Array("ell".utf8))
    }

    @Test(arguments: Medium.allCases)
    func `a large blob comes in pieces and a range of it begins and ends where it was asked to`(medium: Medium)
        async throws
    {
        let rig = try await BlobRig(medium)
        let bytes = BlobRig.bytes(BlobReader.pieceSize * 3 + 17)
        let size = Int64(bytes.count)
        let digest = try await rig.put(bytes)
        #expect(try await rig.content(digest, 0..<size) == bytes)
        #expect(try await rig.content(digest, 262_143..<262_146) == Array(bytes[262_143..<262_146]))
        #expect(try await rig.content(digest, 5..<5).isEmpty)
        await #expect(throws: BlobError.sizeMismatch) { _ = try await rig.content(digest, size - 1..<size + 1) }
        await #expect(throws: BlobError.sizeMismatch) { _ = try await rig.content(digest, size..<size + 1) }
    }

    @Test(arguments: Medium.allCases)
    func `a blob may be empty`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let digest = try await rig.put([])
        #expect(try await rig.store.size(of: digest) == 0)
        #expect(try await rig.content(digest, 0..<0).isEmpty)
        try await rig.store.fetch(digest, to: rig.directory.appending("copy"))
        #expect(try File.read(rig.directory.appending("copy")).isEmpty)
    }

    @Test(arguments: Medium.allCases)
    func `a blob of many pieces or parts comes back as it was, piece after piece however slowly it is taken`(
        medium: Medium
    ) async throws {
        let rig = try await BlobRig(medium)
        let bytes = BlobRig.bytes(12 << 20 | 5)
        let digest = try await rig.put(bytes)
        let sum = try IncrementalDigest(.sha256)
        var count = 0
        try await rig.store.read(digest, 0..<Int64(bytes.count)).forEach { piece in
            sum.update(piece)
            count += 1
            if count < 5 { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect(sum.finish() == digest.bytes)
        #expect(count > 5)
    }

    @Test(arguments: Medium.allCases)
    func `many puts of the same content at once leave one blob`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let files = try (0..<24).map { try rig.file("f\($0)", Array(repeating: 7, count: 10_000)) }
        try await withThrowingTaskGroup { group in
            for file in files {
                group.addTask { try await rig.store.put(file: file.path, digest: file.digest, size: file.size) }
            }
            try await group.waitForAll()
        }
        #expect(files.allSatisfy { !File.exists($0.path) })
        #expect(try await rig.store.list(limit: 10).map(\.digest) == [files[0].digest])
    }

    @Test(arguments: Medium.allCases)
    func `a file of another size than said is refused and stays`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let file = try rig.file("a", [1, 2, 3])
        await #expect(throws: BlobError.sizeMismatch) {
            try await rig.store.put(file: file.path, digest: file.digest, size: 4)
        }
        #expect(File.exists(file.path))
        #expect(try await rig.store.list(limit: 10).isEmpty)
    }

    @Test(arguments: Medium.allCases)
    func `a blob that was put again is not removed by who looked before`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let digest = try await rig.put([9])
        let limit = try #require(try await rig.store.list(limit: 1).first).touchedAt
        // The clock of files ticks a few milliseconds at a time, that of objects a second.
        try await eventually("the blob is touched") {
            try await rig.put([9])
            return try #require(try await rig.store.list(limit: 1).first).touchedAt > limit
        }
        #expect(try await rig.store.remove(digest, unlessTouchedSince: limit) == false)
        #expect(try await rig.content(digest, 0..<1) == [9])
        #expect(try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later))
        #expect(try await rig.store.size(of: digest) == nil)
        #expect(try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later), "gone already")
    }

    @Test(arguments: Medium.allCases)
    func `after a put the blob is there, however often it is removed meanwhile`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let rounds = medium == .disk ? 200 : 20
        let digest = try rig.file("sample", [5, 5]).digest
        try await withThrowingTaskGroup { group in
            group.addTask { for round in 0..<rounds { try await rig.put([5, 5], from: "r\(round)") } }
            group.addTask {
                let limit = BlobRig.later
                for _ in 0..<rounds { try await rig.store.remove(digest, unlessTouchedSince: limit) }
            }
            try await group.waitForAll()
        }
        try await rig.put([5, 5])
        #expect(try await rig.content(digest, 0..<2) == [5, 5])
    }

    @Test(arguments: Medium.allCases)
    func `a fetched blob is the content under a path of one's own`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let digest = try await rig.put([1, 2, 3])
        let copy = rig.directory.appending("copy")
        try await rig.store.fetch(digest, to: copy)
        try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later)
        #expect(try File.read(copy) == [1, 2, 3])
    }

    @Test(arguments: Medium.allCases)
    func `what is not there is said to be not there`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let absent = try #require(ContentDigest(String(repeating: "0", count: 64)))
        #expect(try await rig.store.size(of: absent) == nil)
        await #expect(throws: BlobError.notFound) { _ = try await rig.store.read(absent, 0..<1) }
        await #expect(throws: BlobError.notFound) { _ = try await rig.store.read(absent, 0..<0) }
        await #expect(throws: BlobError.notFound) {
            try await rig.store.fetch(absent, to: rig.directory.appending("x"))
        }
        await #expect(throws: BlobError.notFound) {
            try await rig.store.put(file: rig.directory.appending("y"), digest: absent, size: 1)
        }
        #expect(!File.exists(rig.directory.appending("x")))
    }

    @Test(arguments: Medium.allCases)
    func `a sweep sees every blob once, page by page`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        for number in 0..<30 { try await rig.put(Array("\(number)".utf8)) }
        var seen: [ContentDigest] = []
        while true {
            let page = try await rig.store.list(after: seen.last, limit: 7)
            if page.isEmpty { break }
            seen += page.map(\.digest)
        }
        #expect(seen.count == 30)
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == 30)
    }

    @Test(arguments: Medium.allCases)
    func `a reader that is given up, and one that has only begun, hold nobody`(medium: Medium) async throws {
        let rig = try await BlobRig(medium)
        let bytes = BlobRig.bytes(6 << 20)
        let digest = try await rig.put(bytes)
        for _ in 0..<300 { _ = try await rig.store.read(digest, 0..<Int64(bytes.count)) }
        struct Enough: Error {}
        await #expect(throws: Enough.self) {
            try await rig.store.read(digest, 0..<Int64(bytes.count)).forEach { _ in throw Enough() }
        }
        #expect(try await rig.content(digest, 0..<10) == Array(bytes[..<10]))
        rig.store.close()
    }

    @Test(arguments: ["", "file:", "blobs", "ftp://x", "s3:", "s3:UPPER", "s3:ab", "s3:bucket/a b", "s3:bucket/../x"])
    func `a location that is none is refused`(location: String) {
        #expect(throws: BlobError.invalidLocation(location)) {
            _ = try BlobStore(location, environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"])
        }
    }

    @Test(arguments: ["", "zz", String(repeating: "g", count: 64), String(repeating: "a", count: 63)])
    func `what is no digest is no digest`(text: String) {
        #expect(ContentDigest(text) == nil)
    }
}
