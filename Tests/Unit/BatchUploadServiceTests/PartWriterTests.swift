import BlobStore
import Contracts
import Security
import ServiceKit
import System
import TestSupport
import Testing

@testable import BatchUploadService

struct PartWriterTests {
    private let folder: TemporaryDirectory
    private let content = (0..<25).map { UInt8($0) }
    private let layout = PartLayout(size: 25, partSize: 10)

    init() throws { folder = try TemporaryDirectory() }

    private var path: String { folder.appending("file") }

    private func writer(
        _ parts: Range<Int>,
        known: [Int: ContentDigest] = [:],
        demanded: [ContentDigestField] = [],
        _ layout: PartLayout? = nil
    ) throws -> PartWriter {
        let path = path
        return try PartWriter(layout ?? self.layout, parts, known: known, demanded: demanded) {
            try OpenFile(writing: path, creating: true)
        }
    }

    private func digest(_ bytes: some Sequence<UInt8>) throws -> ContentDigest {
        try #require(ContentDigest(bytes: HashFunction.sha256.digest(Array(bytes))))
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Problem)?.code
        }
    }

    @Test(arguments: [1, 3, 10, 25]) func `pieces of any size become parts with digests`(size: Int) throws {
        let writer = try writer(0..<3, demanded: [ContentDigestField(.sha256, HashFunction.sha256.digest(content))])
        for start in stride(from: 0, to: 25, by: size) {
            try writer.write(Array(content[start..<min(25, start + size)]))
        }
        let new = try writer.finish()
        #expect(new == [0: try digest(content[..<10]), 1: try digest(content[10..<20]), 2: try digest(content[20...])])
        #expect(try File.read(path) == content)
    }

    @Test func `a part that is there is compared and stays`() throws {
        try File.write(path, content)
        let known = [1: try digest(content[10..<20])]
        let same = try writer(0..<3, known: known)
        try same.write(content)
        #expect(try same.finish().keys.sorted() == [0, 2])
        let other = try writer(1..<2, known: known)
        try other.write([UInt8](repeating: 9, count: 10))
        #expect(code { _ = try other.finish() } == .partDiffers)
        #expect(try File.read(path) == content)
    }

    @Test func `too many bytes, too few, and another digest are refused`() throws {
        let long = try writer(2..<3)
        #expect(code { try long.write(Array(content.prefix(6))) } == .payloadTooLarge)
        let short = try writer(0..<1)
        try short.write(Array(content.prefix(9)))
        #expect(code { _ = try short.finish() } == .invalidRequest)
        let other = try writer(0..<1, demanded: [ContentDigestField(.sha512, [UInt8](repeating: 0, count: 64))])
        try other.write(Array(content.prefix(10)))
        #expect(code { _ = try other.finish() } == .digestMismatch)
        try other.discard()
        #expect(try File.read(path).prefix(10).allSatisfy { $0 == 0 })
    }

    @Test func `an empty file has one part without bytes`() throws {
        let writer = try writer(0..<1, PartLayout(size: 0, partSize: 10))
        #expect(try writer.finish() == [0: try digest([])])
        #expect(File.exists(path))
        #expect(code { try writer.write([1]) } == .payloadTooLarge)
    }
}
