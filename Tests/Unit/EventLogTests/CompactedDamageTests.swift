import KafkaProtocol
import System
import TestSupport
import Testing

@testable import EventLog

/// One bit flips in any file of a compacted log with committed and aborted transactions, after a clean stop and after a
/// kill.
@Suite struct CompactedDamageTests {
    /// Flips in each test here; `MARQUEE_CRASH_STATES` asks for more.
    private static var states: Int { Environment.value("MARQUEE_CRASH_STATES").flatMap { Int($0) } ?? 120 }

    enum Ending: CaseIterable {
        case clean, killed
    }

    /// The disk that a life leaves, and what was told in it.
    struct Past {
        let disk: SimulatedFileSystem.Disk
        let step: Int
        let ledger: CompactionCrashTests.Ledger
        let time: CompactionBench.Time

        init(_ ending: Ending) throws {
            let disk = SimulatedFileSystem()
            ledger = CompactionCrashTests.Ledger()
            time = try CompactionCrashTests.live(.transactions, on: disk, ledger)
            let alive = max(ledger.end.step, ledger.removed.map(\.step).max() ?? 0)
            step = ending == .clean ? disk.steps : alive
            self.disk = disk.disk(after: step, losing: .nothing)
        }

        /// `count` flips, spread over the files whose names `isMeant` picks: smaller ones are hit as often as larger ones.
        func flips(_ count: Int, of isMeant: (String) -> Bool) -> [(file: String, position: Int, bit: UInt8)] {
            let files = disk.names.keys.filter { isMeant($0) && !disk.files[disk.names[$0] ?? 0].isEmpty }.sorted()
            guard !files.isEmpty else { return [] }
            return (0..<count).map { number in
                let name = files[number % files.count]
                let size = disk.files[disk.names[name] ?? 0].count
                let round = number / files.count
                let hash = (UInt64(round) &+ 1) &* 0x9E37_79B9_7F4A_7C15
                let position = size * files.count <= count ? round % size : Int(hash >> 33) % size
                return (name, position, UInt8(hash >> 20 & 7))
            }
        }

        func flipped(_ flip: (file: String, position: Int, bit: UInt8)) -> SimulatedFileSystem.Disk {
            var disk = disk
            if let file = disk.names[flip.file] { disk.files[file][flip.position] ^= 1 << flip.bit }
            return disk
        }
    }

    /// A record as it can be read, and whether a reader of committed records gets it.
    struct Seen: Equatable {
        let key: [UInt8]
        let value: [UInt8]
        let isShown: Bool
    }

    /// Everything that can be read, by offset, and the offsets that are answered with an error.
    static func read(_ log: PartitionLog) throws -> (records: [Int64: Seen], corrupt: [Int64]) {
        var records: [Int64: Seen] = [:]
        var corrupt: [Int64] = []
        var next = log.bounds.start
        while next < log.bounds.durableEnd {
            do {
                let fetched = try log.readBlocking(from: next, maxBytes: 1)
                guard let chunk = fetched.chunks.first else { break }
                var cursor = try RecordCursor(Array(chunk))
                let header = cursor.header
                while !header.attributes.contains(.control), let record = try cursor.next() {
                    let isAborted = log.abortedTransactions(in: record.offset..<record.offset + 1).contains {
                        $0.producerID == header.producerID && $0.firstOffset <= record.offset
                    }
                    let isShown = record.offset < log.bounds.stableEnd && !isAborted
                    let (key, value) = (Array(record.key ?? []), Array(record.value ?? []))
                    records[record.offset] = Seen(key: key, value: value, isShown: isShown)
                }
                next = header.nextOffset
            } catch LogError.corruptBatch {
                corrupt.append(next)
                next += 1
            }
        }
        return (records, corrupt)
    }

    private static func open(_ disk: SimulatedFileSystem.Disk, _ past: Past) throws -> CompactionBench {
        try CompactionBench(directory: "/data", fileSystem: SimulatedFileSystem(disk), time: past.time)
    }

    /// The offsets of the batch at a place of a segment file, and whether the place is that of its base offset.
    private static func batch(at flip: (file: String, position: Int, bit: UInt8), _ past: Past) throws
        -> (offsets: Range<Int64>, isItsOffset: Bool)
    {
        let file = try SimulatedFileSystem(past.disk).open(flip.file, creating: false)
        var walker = BatchWalker(file, from: 0, limit: try file.size())
        while case .batch(let found) = try walker.next(verifying: true) {
            guard walker.position > flip.position else { continue }
            return (found.header.baseOffset..<found.header.nextOffset, flip.position < found.position + 8)
        }
        return (0..<0, false)
    }

    @Test(arguments: Ending.allCases)
    func `a flipped bit in any file but a segment loses nothing and shows nothing aborted`(ending: Ending) throws {
        let past = try Past(ending)
        let flips = past.flips(Self.states) { !$0.hasSuffix(SegmentName.log) }
        #expect(Set(flips.map { $0.file.split(separator: ".").last ?? "" }).count > 4)
        for flip in flips {
            try CompactionCrashTests.check(
                past.flipped(flip),
                after: past.step,
                past.ledger,
                past.time,
                "bit \(flip.bit) of byte \(flip.position) of \(flip.file)"
            )
        }
    }

    @Test(arguments: Ending.allCases)
    func `a flipped bit in a segment costs that batch and changes no transaction`(ending: Ending) throws {
        let past = try Past(ending)
        let whole = try Self.open(past.disk, past)
        let sound = try Self.read(try #require(whole.store.partition("topic", 0))).records
        whole.store.close()
        #expect(sound.values.contains { $0.isShown } && sound.values.contains { !$0.isShown })
        for flip in past.flips(Self.states, of: { $0.hasSuffix(SegmentName.log) }) {
            let note = "bit \(flip.bit) of byte \(flip.position) of \(flip.file)"
            let (damaged, isItsOffset) = try Self.batch(at: flip, past)
            let bench = try Self.open(past.flipped(flip), past)
            defer { bench.store.close() }
            let log = try #require(bench.store.partition("topic", 0), "\(note)")
            let (found, corrupt) = try Self.read(log)
            #expect(log.bounds.end == past.ledger.end.offset, "\(note)")
            let others = { (records: [Int64: Seen]) in records.filter { !damaged.contains($0.key) } }
            let wrong = others(sound).filter { found[$0.key] != $0.value }.keys.sorted()
            let strange = others(found).keys.filter { sound[$0] == nil }.sorted()
            #expect(wrong.isEmpty, "\(note), in \(damaged): \(wrong) differ")
            // Where compaction has left a gap, another offset in it looks as right.
            if isItsOffset, !strange.isEmpty { continue }
            #expect(strange.isEmpty, "\(note), in \(damaged): \(strange) are new")
            // What the checksum does not cover may still be read.
            let rest = found.filter { damaged.contains($0.key) }
            #expect(rest.allSatisfy { sound[$0.key] == $0.value }, "\(note)")
            let isTold = corrupt.isEmpty ? rest.count == sound.keys.count(where: damaged.contains) : rest.isEmpty
            #expect(isTold, "\(note): \(rest.count) records of \(damaged) are left and nobody is told")
        }
    }
}
