import Glibc
import KafkaProtocol
import System
import TestSupport
import Testing

@testable import EventLog

/// What the write-ahead ring leaves when the power goes at any step: rounds through it and past it, laps, segment
/// rolls, deletions.
@Suite struct RingCrashTests {
    static let directory = "/data"
    static let ring = "/data/ring"

    /// What was told to clients, and after which step of the disk.
    struct Ledger {
        struct Entry {
            let value: String
            let step: Int
        }
        /// By topic id and partition, in order of offsets.
        var values: [Checkpoint.Key: [Entry]] = [:]
        var starts: [Checkpoint.Key: (offset: Int64, step: Int)] = [:]
        /// Topics that were deleted when a call returned.
        var deleted: [Identifier: Int] = [:]
    }

    static func configuration() -> LogStoreConfiguration {
        var configuration = LogStoreConfiguration()
        // Seldom, so that recovery has the ring alone.
        configuration.checkpointInterval = 3_600_000
        configuration.readThreads = 1
        configuration.tailBytes = 0
        configuration.ringBytes = WriteAheadRing.smallestSize
        return configuration
    }

    static func store(_ disk: SimulatedFileSystem) throws -> LogBench {
        try LogBench(directory: directory, fileSystem: disk, configuration: configuration())
    }

    static func append(
        _ bench: LogBench,
        _ disk: SimulatedFileSystem,
        _ log: PartitionLog,
        _ value: String,
        timestamp: Int64? = nil,
        _ ledger: inout Ledger
    ) throws {
        _ = try bench.appendDurably(log, [value], timestamp: timestamp)
        let key = Checkpoint.Key(topic: log.topicID, partition: log.index)
        ledger.values[key, default: []].append(.init(value: value, step: disk.steps))
    }

    /// The sizes make rounds of one block and of two, rounds past the ring, and a roll every few rounds.
    static func value(_ number: Int) -> String {
        let size = number % 10 == 7 ? 16_000 : number % 3 == 0 ? 5000 : 60
        return "value \(number) " + String(repeating: "x", count: size)
    }

    static let settings = ["segment.bytes": "20000", "index.interval.bytes": "4000"]

    /// Several laps of the ring over two partitions, a kill in between.
    static func laps(on disk: SimulatedFileSystem) throws -> Ledger {
        var ledger = Ledger()
        for start in 0..<2 {
            let bench = try store(disk)
            if start == 0 { try bench.store.createTopic("topic", partitions: 2, configuration: settings) }
            let logs = bench.store.partitions("topic")
            for number in 0..<15 {
                try append(bench, disk, logs[number % 5 == 0 ? 1 : 0], value(start * 15 + number), &ledger)
            }
            if start == 1 { bench.store.close() }
        }
        return ledger
    }

    /// A topic is filled, trimmed, deleted and made again by the same name, beside one that stays.
    static func deletions(on disk: SimulatedFileSystem) throws -> Ledger {
        var ledger = Ledger()
        let bench = try store(disk)
        try bench.store.createTopic("other", partitions: 1, configuration: settings)
        let other = bench.store.partitions("other")[0]
        for life in 0..<3 {
            try bench.store.createTopic("topic", partitions: 1, configuration: settings)
            let log = bench.store.partitions("topic")[0]
            let key = Checkpoint.Key(topic: log.topicID, partition: 0)
            for number in 0..<9 {
                try append(bench, disk, log, "life \(life) " + value(number), &ledger)
                if number % 4 == 0 { try append(bench, disk, other, "other \(life) \(number)", &ledger) }
                if number == 5 {
                    let start = try bench.store.deleteRecords("topic", 0, before: 4)
                    ledger.starts[key] = (start, disk.steps)
                }
            }
            if life < 2 {
                try bench.store.deleteTopic("topic")
                ledger.deleted[log.topicID] = disk.steps
            }
        }
        return ledger
    }

    /// What was acknowledged is there, nothing else is, offsets are dense and the log goes on.
    static func check(_ disk: SimulatedFileSystem.Disk, after step: Int, _ ledger: Ledger, _ note: String) throws {
        let bench = try store(SimulatedFileSystem(disk))
        defer { bench.store.close() }
        for (id, deletion) in ledger.deleted where deletion <= step {
            #expect(bench.store.topic(id: id) == nil, "a deleted topic is back after step \(step), \(note)")
        }
        for (key, entries) in ledger.values {
            let due = entries.filter { $0.step <= step }
            guard let topic = bench.store.topic(id: key.topic),
                let log = bench.store.partition(topic.name, key.partition)
            else {
                let mayBeGone = due.isEmpty || ledger.deleted[key.topic] != nil
                #expect(mayBeGone, "the topic is gone after step \(step), \(note)")
                continue
            }
            let start = Int(log.bounds.start)
            if let told = ledger.starts[key], told.step <= step {
                #expect(start >= told.offset, "deleted records are back after step \(step), \(note)")
            }
            let values = try bench.values(log)
            let all = entries.map(\.value)
            #expect(start + values.count >= due.count, "records are gone after step \(step), \(note)")
            #expect(start <= ledger.starts[key]?.offset ?? 0, "the start moved after step \(step), \(note)")
            let expected = all.dropFirst(start).prefix(values.count)
            #expect(values == Array(expected), "the log is another after step \(step), \(note)")
            let next = try bench.appendDurably(log, ["next"])
            #expect(next.baseOffset == Int64(start + values.count), "a hole after step \(step), \(note)")
        }
    }

    @Test(arguments: SimulatedFileSystem.Loss.allCases)
    func `laps, rolls and rounds past the ring lose nothing`(loss: SimulatedFileSystem.Loss) throws {
        let disk = SimulatedFileSystem()
        let ledger = try Self.laps(on: disk)
        for step in 0...disk.steps {
            try Self.check(disk.disk(after: step, losing: loss), after: step, ledger, "\(loss)")
        }
    }

    @Test(arguments: SimulatedFileSystem.Loss.allCases)
    func `deleted records and topics stay deleted and others whole`(loss: SimulatedFileSystem.Loss) throws {
        let disk = SimulatedFileSystem()
        let ledger = try Self.deletions(on: disk)
        for step in stride(from: 0, through: disk.steps, by: 2) {
            try Self.check(disk.disk(after: step, losing: loss), after: step, ledger, "\(loss)")
        }
    }

    @Test(arguments: 0..<4)
    func `any part of what was not synced may be there`(seed: Int) throws {
        let disk = SimulatedFileSystem()
        let ledger = try seed % 2 == 0 ? Self.laps(on: disk) : Self.deletions(on: disk)
        for step in 0...disk.steps {
            // A hash of step and seed decides, so that a failure can be repeated.
            let kept: (Int) -> Bool = { index in
                var bits = UInt64(truncatingIfNeeded: index &* 1_000_003 &+ step &* 7919 &+ seed)
                bits = (bits ^ bits >> 31) &* 0x9E37_79B9_7F4A_7C15
                return bits >> 40 & 1 == 0
            }
            try Self.check(disk.disk(after: step, keeping: kept), after: step, ledger, "seed \(seed)")
        }
    }

    @Test func `a second crash during recovery loses nothing`() throws {
        let disk = SimulatedFileSystem()
        let ledger = try Self.laps(on: disk)
        for step in stride(from: 0, through: disk.steps, by: 9) {
            let second = SimulatedFileSystem(disk.disk(after: step, losing: .everything))
            try Self.store(second).store.close()
            for later in stride(from: 0, through: second.steps, by: 3) {
                let found = second.disk(after: later, losing: .everything)
                try Self.check(found, after: step, ledger, "and \(later) of recovery")
            }
        }
    }

    @Test func `a rotten block of the ring costs nothing while the machine lives`() throws {
        let disk = SimulatedFileSystem()
        let ledger = try Self.laps(on: disk)
        let steps = disk.steps
        for block in 0..<WriteAheadRing.smallestSize / RingFormat.blockSize {
            let found = SimulatedFileSystem(disk.disk(after: steps, losing: .nothing))
            let ring = try found.open(Self.ring, creating: false)
            let byte = try ring.read(at: block * RingFormat.blockSize + 14, count: 1)[0]
            try ring.write([byte ^ 4], at: block * RingFormat.blockSize + 14)
            try Self.check(found.disk(after: found.steps, losing: .nothing), after: steps, ledger, "block \(block)")
        }
    }

    @Test func `after rot and a power failure the rounds behind the rotten one are still there`() throws {
        let disk = SimulatedFileSystem()
        let bench = try Self.store(disk)
        let log = try bench.log(Self.settings)
        for number in 0..<5 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        let found = SimulatedFileSystem(disk.disk(after: disk.steps, losing: .everything))
        let ring = try found.open(Self.ring, creating: false)
        try ring.write([0xFF], at: RingFormat.firstRound + 2 * RingFormat.blockSize + 100)
        let again = try Self.store(found)
        defer { again.store.close() }
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(recovered.bounds.durableEnd == 5)
        #expect(try LogBench.values(recovered.readBlocking(from: 0, maxBytes: 1)) == ["value 0"])
        #expect(throws: LogError.corruptBatch) { try recovered.readBlocking(from: 2, maxBytes: 1) }
        #expect(try LogBench.values(recovered.readBlocking(from: 3, maxBytes: 1)) == ["value 3"])
        #expect(try again.appendDurably(recovered, ["next"]).baseOffset == 5)
    }

    @Test func `a failed write or sync of the ring ends all acknowledgements`() async throws {
        for isWrite in [true, false] {
            let disk = SimulatedFileSystem()
            let bench = try Self.store(disk)
            let log = try bench.log()
            _ = try bench.appendDurably(log, ["a"])
            disk.inject { step in
                switch step {
                case .write(_, let offset, let bytes) where bytes.count == RingFormat.blockSize && offset > 0:
                    isWrite ? EIO : nil
                case .synchronize: isWrite ? nil : EIO
                default: nil
                }
            }
            #expect(throws: LogError.self) { try bench.appendDurably(log, ["b"]) }
            disk.heal()
            #expect(throws: LogError.self) { try log.append(LogBench.batch(["c"])) }
            #expect(log.bounds.durableEnd == 1)
            try await eventually("the process is told to end", within: 300) { bench.fatal.value == 1 }
        }
    }

    @Test func `what a full disk refused is not in the ring`() throws {
        let disk = SimulatedFileSystem()
        let bench = try Self.store(disk)
        let log = try bench.log(Self.settings)
        _ = try bench.appendDurably(log, ["a"])
        disk.inject { step in
            if case .write(_, _, let bytes) = step, bytes.count < RingFormat.blockSize { ENOSPC } else { nil }
        }
        #expect(throws: LogError.storageFull) { try bench.appendDurably(log, ["refused"]) }
        disk.heal()
        #expect(try bench.appendDurably(log, ["b"]).baseOffset == 1)
        for loss in SimulatedFileSystem.Loss.allCases {
            let again = try Self.store(SimulatedFileSystem(disk.disk(after: disk.steps, losing: loss)))
            #expect(try again.values(try #require(again.store.partition("topic", 0))) == ["a", "b"], "\(loss)")
            again.store.close()
        }
    }

    @Test func `a store that does without the ring takes over what one held`() throws {
        let disk = SimulatedFileSystem()
        let bench = try Self.store(disk)
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        let found = SimulatedFileSystem(disk.disk(after: disk.steps, losing: .everything))
        var without = Self.configuration()
        without.ringBytes = 0
        let again = try LogBench(directory: Self.directory, fileSystem: found, configuration: without)
        defer { again.store.close() }
        #expect(try again.values(try #require(again.store.partition("topic", 0))) == ["a"])
        #expect(try found.names(in: Self.directory).contains("ring") == false)
    }

    @Test func `a dump names every round that replay would read`() throws {
        let disk = SimulatedFileSystem()
        let bench = try Self.store(disk)
        let log = try bench.log(Self.settings)
        _ = try bench.appendDurably(log, ["a"])
        _ = try bench.appendDurably(log, [String(repeating: "x", count: 16_000)])
        var lines: [String] = []
        try RingDump.forEachLine(of: Self.ring, fileSystem: disk) { lines.append($0) }
        let name = "\(log.topicID.kafkaText)-0"
        #expect(
            lines == [
                "round 1 frames 1", "  topic \(name) 0..<1 69 bytes for segment 0 position 0",
                "round 2 frames 1", "  topic \(name) 1..<2 synced in segment 0 position 0",
            ]
        )
    }
}
