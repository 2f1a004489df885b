import KafkaProtocol
import System
import TestSupport
import Testing

@testable import EventLog

/// Bits that flip while the broker is stopped, in any of its files.
@Suite struct DamageTests {
    /// Segments, indexes, a transaction, an idempotent producer, two starts.
    private static func life() throws -> (bench: LogBench, values: [String]) {
        let settings = ["segment.bytes": "1500", "index.interval.bytes": "200"]
        let first = try LogBench()
        let log = try first.log(settings)
        for number in 0..<20 {
            let value = "value \(number) " + String(repeating: "x", count: 80)
            _ = try first.appendDurably(log, [value], producer: (7, 0, Int32(number)))
        }
        let batch = LogBench.batch(["aborted"], producer: (9, 0, 0), isTransactional: true)
        try LogBench.wait(log, for: log.append(batch))
        let marker = try log.appendMarker(producerID: 9, producerEpoch: 0, commits: false, coordinatorEpoch: 0)
        try LogBench.wait(log, for: marker)
        let values = try first.values(log)
        first.store.close()
        return (first, values)
    }

    private static func files(_ directory: String) throws -> [String] {
        let disk = PosixFileSystem()
        let top = try disk.names(in: directory).filter { $0 != "topic-0" }
        return try top.map { "\(directory)/\($0)" }
            + disk.names(in: "\(directory)/topic-0").map { "\(directory)/topic-0/\($0)" }
    }

    private static func flip(_ path: String, at place: Double) throws {
        let file = try PosixFileSystem().open(path, creating: false)
        let size = try file.size()
        guard size > 0 else { return }
        let position = min(size - 1, Int(Double(size) * place))
        try file.write([file.read(at: position, count: 1)[0] ^ 0x10], at: position)
    }

    @Test(arguments: [0.0, 0.2, 0.5, 0.9])
    func `a flipped bit in any file but a segment costs nothing`(place: Double) throws {
        let (bench, values) = try Self.life()
        let names = try Self.files(bench.directory).filter { !$0.hasSuffix(".log") }
        #expect(names.count >= 8)
        for name in names {
            // A snapshot may have been replaced by the start before.
            guard let before = try PosixFileSystem().contents(of: name) else { continue }
            try Self.flip(name, at: place)
            let again = try LogBench(directory: bench.directory)
            let log = try #require(again.store.partition("topic", 0), "\(name)")
            #expect(try again.values(log) == values, "\(name)")
            #expect(log.bounds.durableEnd == 22, "\(name)")
            #expect(log.abortedTransactions(in: 0..<100).map(\.firstOffset) == [20], "\(name)")
            let repeated = try log.append(
                LogBench.batch(["value 19 " + String(repeating: "x", count: 80)], producer: (7, 0, 19))
            )
            #expect(repeated.isDuplicate && repeated.baseOffset == 19, "\(name)")
            again.store.close()
            if name.hasSuffix(".producers") || name.hasSuffix("ring") || !name.contains("topic-0") { continue }
            try PosixFileSystem().open(name, creating: true).write(before, at: 0)
        }
    }

    @Test(arguments: [true, false])
    func `a flipped bit in a segment costs that batch and is told loudly`(isClean: Bool) throws {
        let (bench, _) = try Self.life()
        let segments = try Self.files(bench.directory).filter { $0.hasSuffix(".log") }.sorted()
        #expect(segments.count > 2)
        for (number, name) in segments.enumerated() {
            let before = try #require(try PosixFileSystem().contents(of: name))
            var walker = BatchWalker(try PosixFileSystem().open(name, creating: false), from: 0, limit: before.count)
            _ = try walker.next(verifying: true)
            guard case .batch(let second) = try walker.next(verifying: true) else { continue }
            let damaged = second.header.baseOffset
            if !isClean { try Self.flip("\(bench.directory)/checkpoint", at: 0.9) }
            try PosixFileSystem().open(name, creating: false)
                .write([before[second.position + 65] ^ 1], at: second.position + 65)
            let again = try LogBench(directory: bench.directory)
            let log = try #require(again.store.partition("topic", 0))
            #expect(throws: LogError.corruptBatch, "segment \(number)") {
                try log.readBlocking(from: damaged, maxBytes: 1)
            }
            for offset in 0..<22 where Int64(offset) != damaged {
                let found = try LogBench.records(log.readBlocking(from: Int64(offset), maxBytes: 1)).first?.offset
                #expect(found == Int64(offset), "segment \(number), offset \(offset)")
            }
            #expect(log.bounds.durableEnd == 22)
            again.store.close()
            try PosixFileSystem().open(name, creating: false).write(before, at: 0)
        }
    }

    @Test func `every file but the segments can be dumped, and damage is told`() throws {
        let (bench, _) = try Self.life()
        for name in try Self.files(bench.directory) where !name.hasSuffix(".log") {
            var lines: [String] = []
            #expect(try SideFileDump.forEachLine(of: name) { lines.append($0) }, "\(name)")
            let mayBeEmpty = name.hasSuffix("index") || name.hasSuffix("ring")
            #expect(mayBeEmpty || !lines.isEmpty, "\(name)")
        }
        try Self.flip("\(bench.directory)/checkpoint", at: 0.5)
        #expect(throws: LogError.corruptBatch) {
            try SideFileDump.forEachLine(of: "\(bench.directory)/checkpoint") { _ in }
        }
        #expect(
            try SideFileDump.forEachLine(of: "\(bench.directory)/topic-0/00000000000000000000.log") { _ in } == false
        )
    }
}
