import System
import Testing

@testable import EventLog

/// Small lives of a store, and every subset of what was not synced when the power went, at every step.
@Suite struct SubsetCrashTests {
    /// Of the unsynced steps so many of the newest are there or not in every combination, each with all and with none of
    /// the older.
    private static let newest = 4

    /// How a topic gives up its oldest segments.
    enum Retention: CaseIterable {
        case size, time
    }

    /// Rounds in the ring, a roll, a round past the ring and one behind it, without a lap.
    static func rounds(on disk: SimulatedFileSystem) throws -> RingCrashTests.Ledger {
        var ledger = RingCrashTests.Ledger()
        let bench = try RingCrashTests.store(disk)
        try bench.store.createTopic("topic", partitions: 2, configuration: RingCrashTests.settings)
        let logs = bench.store.partitions("topic")
        for (number, size) in [60, 5000, 60, 16_000, 60, 60].enumerated() {
            let value = "value \(number) " + String(repeating: "x", count: size)
            try RingCrashTests.append(bench, disk, logs[number % 3 == 2 ? 1 : 0], value, &ledger)
        }
        return ledger
    }

    /// Segments fill, the oldest are given up, and the log goes on.
    static func retention(_ kind: Retention, on disk: SimulatedFileSystem) throws -> RingCrashTests.Ledger {
        var ledger = RingCrashTests.Ledger()
        let bench = try RingCrashTests.store(disk)
        let limit = kind == .size ? ["retention.bytes": "9000"] : ["retention.ms": "3600000"]
        let settings = ["segment.bytes": "8000", "index.interval.bytes": "2000"].merging(limit) { $1 }
        try bench.store.createTopic("topic", partitions: 1, configuration: settings)
        let log = bench.store.partitions("topic")[0]
        let key = Checkpoint.Key(topic: log.topicID, partition: 0)
        for number in 0..<9 {
            let value = "value \(number) " + String(repeating: "x", count: 3000)
            let age: Int64 = kind == .time && number < 5 ? 7_200_000 : 0
            try RingCrashTests.append(bench, disk, log, value, timestamp: bench.now - age, &ledger)
            if number == 7 {
                bench.store.applyRetention()
                ledger.starts[key] = (log.bounds.start, disk.steps)
                #expect(log.bounds.start > 0)
            }
        }
        bench.store.close()
        return ledger
    }

    private static func checkAllSubsets(of disk: SimulatedFileSystem, _ ledger: RingCrashTests.Ledger) throws {
        for step in 0...disk.steps {
            let unsynced = disk.unsynced(after: step)
            let varied = unsynced.suffix(newest)
            for subset in 0..<1 << varied.count {
                for keepsOlder in unsynced.count > varied.count ? [false, true] : [false] {
                    let kept: (Int) -> Bool = { index in
                        guard let rank = varied.firstIndex(of: index) else { return keepsOlder }
                        return subset >> (rank - varied.startIndex) & 1 == 1
                    }
                    let note = "subset \(subset) of \(varied), older \(keepsOlder)"
                    try RingCrashTests.check(disk.disk(after: step, keeping: kept), after: step, ledger, note)
                }
            }
        }
    }

    @Test func `every subset of unsynced writes of a few rounds leaves what was acknowledged`() throws {
        let disk = SimulatedFileSystem()
        try Self.checkAllSubsets(of: disk, Self.rounds(on: disk))
    }

    @Test(arguments: Retention.allCases)
    func `every subset of unsynced writes around retention leaves what was kept`(kind: Retention) throws {
        let disk = SimulatedFileSystem()
        try Self.checkAllSubsets(of: disk, Self.retention(kind, on: disk))
    }
}
