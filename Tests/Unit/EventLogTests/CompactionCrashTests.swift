import Glibc
import KafkaProtocol
import Synchronization
import System
import TestSupport
import Testing

@testable import EventLog

/// What is left when the power goes, or a call fails, at any step of the life of a compacted log.
@Suite struct CompactionCrashTests {
    /// States that are looked at in each test here; `MARQUEE_CRASH_STATES` asks for more.
    private static var states: Int { Environment.value("MARQUEE_CRASH_STATES").flatMap { Int($0) } ?? 2500 }
    /// Of the unsynced steps so many of the newest are there or not in every combination.
    private static let newest = 6

    enum Life: CaseIterable {
        case values, transactions
    }

    /// What clients and operators were told, and after which step of the disk.
    final class Ledger {
        struct Entry {
            let key: String
            let value: String
            let offset: Int64
            let step: Int
            let isAborted: Bool
        }
        var entries: [Entry] = []
        /// Offset of what compaction has removed, and when it said so.
        var removed: [(offset: Int64, step: Int)] = []
        var end: (offset: Int64, step: Int) = (0, 0)
    }

    private static func store(_ disk: SimulatedFileSystem, _ time: CompactionBench.Time) throws -> CompactionBench {
        try CompactionBench(directory: "/data", fileSystem: disk, time: time)
    }

    static func live(_ life: Life, on disk: SimulatedFileSystem, _ ledger: Ledger) throws
        -> CompactionBench.Time
    {
        let time = CompactionBench.Time()
        for start in 0..<2 {
            let bench = try store(disk, time)
            let log = try bench.store.partition("topic", 0) ?? bench.log(["segment.bytes": "1500"])
            for round in 0..<3 {
                try write(life, start * 3 + round, bench, log, disk, ledger)
                try compact(bench, log, disk, ledger)
                time.advance(700)
            }
            if start == 1 { bench.store.close() }
        }
        return time
    }

    private static func write(
        _ life: Life,
        _ round: Int,
        _ bench: CompactionBench,
        _ log: PartitionLog,
        _ disk: SimulatedFileSystem,
        _ ledger: Ledger
    ) throws {
        for number in 0..<5 {
            let aborts = life == .transactions && number % 2 == 0
            let isTransactional = life == .transactions && number < 3
            let key = number == 4 ? "once\(round)" : "key\(number)"
            let isTombstone = life == .values && number == 3 && round % 2 == 1
            let value = isTombstone ? "" : "\(round) " + String(repeating: "v", count: 150)
            let producer = isTransactional ? (Int64(7), Int16(0), Int32(round * 3 + number)) : nil
            let pair = isTombstone ? key : "\(key)=\(value)"
            let appended = try bench.append(log, [pair], producer: producer, isTransactional: isTransactional)
            if isTransactional { try bench.end(log, commits: !aborts) }
            let isAborted = isTransactional && aborts
            ledger.entries.append(
                .init(key: key, value: value, offset: appended.baseOffset, step: disk.steps, isAborted: isAborted)
            )
        }
        ledger.end = (log.bounds.durableEnd, disk.steps)
    }

    private static func compact(
        _ bench: CompactionBench,
        _ log: PartitionLog,
        _ disk: SimulatedFileSystem,
        _ ledger: Ledger
    ) throws {
        let before = try Set(all(log).map(\.offset))
        bench.compactAll()
        let after = try Set(all(log).map(\.offset))
        ledger.removed += before.subtracting(after).map { ($0, disk.steps) }
    }

    /// Every record, those of aborted transactions too.
    private static func all(_ log: PartitionLog) throws -> [Record] {
        var records: [Record] = []
        var next = log.bounds.start
        while next < log.bounds.durableEnd {
            let fetched = try log.readBlocking(from: next, maxBytes: 2000)
            for var rest in fetched.chunks {
                while !rest.isEmpty {
                    var cursor = try RecordCursor(Array(rest))
                    let isControl = cursor.header.attributes.contains(.control)
                    while let record = try cursor.next() { if !isControl { records.append(record) } }
                    next = cursor.header.nextOffset
                    rest = rest.dropFirst(cursor.header.totalSize)
                }
            }
            if fetched.chunks.isEmpty { break }
        }
        return records
    }

    /// What a client with isolation level read_committed makes of the log.
    private static func committed(_ log: PartitionLog) throws -> [Record] {
        var aborted = log.abortedTransactions(in: log.bounds.start..<log.bounds.stableEnd)
        aborted.sort { $0.firstOffset < $1.firstOffset }
        var skipped: Set<Int64> = []
        var records: [Record] = []
        try log.forEachBatch(from: log.bounds.start) { header, bytes throws(LogError) in
            while let next = aborted.first, next.firstOffset <= header.lastOffset {
                skipped.insert(next.producerID)
                aborted.removeFirst()
            }
            guard header.lastOffset < log.bounds.stableEnd, var cursor = try? RecordCursor(bytes) else { return false }
            if header.attributes.contains(.control) {
                if let key = try? cursor.next()?.key, key.last == 0 {
                    skipped.remove(header.producerID)
                }
                return true
            }
            guard !skipped.contains(header.producerID) else { return true }
            while let record = try? cursor.next() { records.append(record) }
            return true
        }
        return records
    }

    /// The last value of each key that was told durable is there, with its offset; nothing else but what was once written
    /// there; nothing of what compaction has removed.
    static func check(
        _ disk: SimulatedFileSystem.Disk,
        after step: Int,
        _ ledger: Ledger,
        _ time: CompactionBench.Time,
        _ note: String
    ) throws {
        let found = SimulatedFileSystem(disk)
        let bench = try store(found, time)
        defer { bench.store.close() }
        let due = ledger.entries.filter { $0.step <= step }
        guard let log = bench.store.partition("topic", 0) else {
            #expect(due.isEmpty, "the topic is gone after step \(step), \(note)")
            return
        }
        let written = Dictionary(uniqueKeysWithValues: ledger.entries.map { ($0.offset, $0) })
        let all = try all(log)
        #expect(
            zip(all, all.dropFirst()).allSatisfy { $0.offset < $1.offset },
            "out of order after step \(step), \(note)"
        )
        let gone = Set(ledger.removed.filter { $0.step <= step }.map(\.offset))
        for record in all {
            let entry = written[record.offset]
            let isSame =
                entry?.key == String(decoding: record.key ?? [], as: UTF8.self)
                && entry?.value == String(decoding: record.value ?? [], as: UTF8.self)
            // What was on its way when the power went was never told.
            #expect(
                isSame || record.offset >= due.count,
                "another record at \(record.offset) after step \(step), \(note)"
            )
            #expect(!gone.contains(record.offset), "\(record.offset) is back after step \(step), \(note)")
        }
        let committed = try committed(log)
        let visible = Dictionary(committed.map { (String(decoding: $0.key ?? [], as: UTF8.self), $0.offset) }) { $1 }
        for (key, offset) in Dictionary(
            due.filter { !$0.isAborted }.map { ($0.key, $0.offset) },
            uniquingKeysWith: { $1 }
        ) {
            let isErased = written[offset]?.value == "" && visible[key] == nil
            #expect(isErased || visible[key, default: -1] >= offset, "\(key) is lost after step \(step), \(note)")
        }
        #expect(
            !committed.contains { written[$0.offset]?.isAborted == true },
            "aborted records are shown after step \(step), \(note)"
        )
        if ledger.end.step <= step { #expect(log.bounds.durableEnd >= ledger.end.offset) }
    }

    @Test(arguments: Life.allCases, SimulatedFileSystem.Loss.allCases)
    func `whatever the disk lost, the last values are there`(life: Life, loss: SimulatedFileSystem.Loss) throws {
        let disk = SimulatedFileSystem()
        let ledger = Ledger()
        let time = try Self.live(life, on: disk, ledger)
        #expect(ledger.removed.count > 10)
        for step in stride(from: 0, through: disk.steps, by: 3) {
            try Self.check(disk.disk(after: step, losing: loss), after: step, ledger, time, "\(loss)")
        }
    }

    @Test(arguments: Life.allCases)
    func `any subset of what was not synced may be there`(life: Life) throws {
        let disk = SimulatedFileSystem()
        let ledger = Ledger()
        let time = try Self.live(life, on: disk, ledger)
        let all = (0...disk.steps).reduce(0) { $0 + 2 << min(Self.newest, disk.unsynced(after: $1).count) }
        var seen = 0
        for step in 0...disk.steps {
            let unsynced = disk.unsynced(after: step)
            let varied = unsynced.suffix(Self.newest)
            for subset in 0..<2 << varied.count {
                // A hash decides which of all states are looked at, so that a failure can be repeated.
                let hash = (UInt64(step) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(subset) &* 0xD6E8_FEB8_6659_FD93) >> 32
                guard hash % UInt64(max(1, all)) < UInt64(Self.states) else { continue }
                seen += 1
                let found = disk.disk(after: step) { index in
                    guard let rank = varied.firstIndex(of: index) else { return subset & 1 == 1 }
                    return subset >> (1 + rank - varied.startIndex) & 1 == 1
                }
                try Self.check(found, after: step, ledger, time, "subset \(subset) of \(varied)")
            }
        }
        #expect(seen > min(all, Self.states) / 2)
    }

    @Test func `a crash while a swap is being finished loses nothing`() throws {
        let disk = SimulatedFileSystem()
        let ledger = Ledger()
        let time = try Self.live(.values, on: disk, ledger)
        for step in 0...disk.steps {
            let found = disk.disk(after: step, losing: .everything)
            guard found.names.keys.contains(where: { $0.hasSuffix(SegmentName.swap) }) else { continue }
            let second = SimulatedFileSystem(found)
            try Self.store(second, time).store.close()
            for later in stride(from: 0, through: second.steps, by: 2) {
                for loss in [SimulatedFileSystem.Loss.everything, .names] {
                    let third = second.disk(after: later, losing: loss)
                    try Self.check(third, after: step, ledger, time, "and \(later) of recovery, \(loss)")
                }
            }
        }
    }

    @Test(arguments: [EIO, ENOSPC])
    func `an error at any call of compaction loses nothing`(code: Int32) throws {
        var failing = 0
        while failing < 200 {
            let disk = SimulatedFileSystem()
            let ledger = Ledger()
            let time = CompactionBench.Time()
            let bench = try Self.store(disk, time)
            let log = try bench.log(["segment.bytes": "1500"])
            for round in 0..<4 { try Self.write(.values, round, bench, log, disk, ledger) }
            let calls = Mutex(0)
            let nth = failing
            disk.inject { _ in
                calls.withLock { calls in
                    calls += 1
                    return calls == nth + 1 ? code : nil
                }
            }
            bench.compactAll()
            disk.heal()
            // Either the log goes on, or the process has to end and nothing more is told.
            if (try? bench.append(log, ["key0=after"])) != nil {
                #expect(try Self.all(log).count >= 4)
                ledger.entries.append(
                    .init(key: "key0", value: "after", offset: 20, step: disk.steps, isAborted: false)
                )
            }
            for loss in [SimulatedFileSystem.Loss.nothing, .everything] {
                let found = disk.disk(after: disk.steps, losing: loss)
                try Self.check(found, after: disk.steps, ledger, time, "call \(failing) of compaction, \(loss)")
            }
            if calls.withLock({ $0 }) <= failing { break }
            failing += 1
        }
        #expect(failing > 20 && failing < 200)
    }

    @Test(arguments: [EIO, ENOSPC])
    func `an error at any call of appends, rolls and retention loses nothing that was told`(code: Int32) throws {
        var nth = 0
        while nth < 400 {
            let disk = SimulatedFileSystem()
            let ledger = Ledger()
            let time = CompactionBench.Time()
            let bench = try Self.store(disk, time)
            let log = try bench.log(["cleanup.policy": "delete", "retention.bytes": "100000", "segment.bytes": "1024"])
            let calls = Mutex(0)
            let failing = nth
            disk.inject { _ in
                calls.withLock { calls in
                    calls += 1
                    return calls == failing + 1 ? code : nil
                }
            }
            for round in 0..<3 {
                try? Self.write(.values, round, bench, log, disk, ledger)
                bench.store.applyRetention()
            }
            disk.heal()
            for loss in [SimulatedFileSystem.Loss.nothing, .everything] {
                let found = disk.disk(after: disk.steps, losing: loss)
                try Self.check(found, after: disk.steps, ledger, time, "call \(failing), \(loss)")
            }
            if calls.withLock({ $0 }) <= failing { break }
            nth += 1
        }
        #expect(nth > 20 && nth < 400)
    }
}
