import System
import TestSupport
import Testing

@testable import EventLog

/// How many different disks the enumeration of crash states covers: as many as `MARQUEE_CRASH_STATES` asks for, of all the
/// lives in turn. Every one is opened and judged.
@Suite struct CrashStateTests {
    private static var wanted: Int { Environment.value("MARQUEE_CRASH_STATES").flatMap { Int($0) } ?? 300 }
    /// Of the unsynced steps so many of the newest are there or not in every combination.
    private static let newest = 10

    /// A small life of a store on its disk, and the judge of what a power failure in it leaves.
    struct Life {
        let name: String
        let disk: SimulatedFileSystem
        let check: (SimulatedFileSystem.Disk, _ step: Int, _ note: String) throws -> Void
    }

    private static func ringLife(
        _ name: String,
        _ live: (SimulatedFileSystem) throws -> RingCrashTests.Ledger
    ) throws -> Life {
        let disk = SimulatedFileSystem()
        let ledger = try live(disk)
        return Life(name: name, disk: disk) { try RingCrashTests.check($0, after: $1, ledger, "\(name), \($2)") }
    }

    private static func compactedLife(_ kind: CompactionCrashTests.Life) throws -> Life {
        let disk = SimulatedFileSystem()
        let ledger = CompactionCrashTests.Ledger()
        let time = try CompactionCrashTests.live(kind, on: disk, ledger)
        return Life(name: "compaction of \(kind)", disk: disk) {
            try CompactionCrashTests.check($0, after: $1, ledger, time, $2)
        }
    }

    /// Logs that are closed between appends, and opened again by some of them, over a kill.
    private static func closing(on disk: SimulatedFileSystem) throws -> RingCrashTests.Ledger {
        var ledger = RingCrashTests.Ledger()
        var configuration = RingCrashTests.configuration()
        (configuration.openLogs, configuration.idleMilliseconds, configuration.cleanerInterval) = (0, -1000, 0)
        for start in 0..<3 {
            let bench = try LogBench(directory: "/data", fileSystem: disk, configuration: configuration)
            if start == 0 {
                try bench.store.createTopic("topic", partitions: 4, configuration: RingCrashTests.settings)
            }
            let logs = bench.store.partitions("topic")
            for number in 0..<9 {
                let value = RingCrashTests.value(start * 9 + number)
                try RingCrashTests.append(bench, disk, logs[number % (4 - start)], value, &ledger)
                if number % 3 == 2 {
                    while bench.store.closeIdle() {}
                    try bench.store.writeCheckpoint(isClean: false)
                }
            }
            if start > 0 { bench.store.close() }
        }
        return ledger
    }

    private static func lives() throws -> [Life] {
        [
            try ringLife("rounds", SubsetCrashTests.rounds),
            try ringLife("laps", RingCrashTests.laps),
            try ringLife("deletions", RingCrashTests.deletions),
            try ringLife("retention by size") { try SubsetCrashTests.retention(.size, on: $0) },
            try ringLife("retention by time") { try SubsetCrashTests.retention(.time, on: $0) },
            try ringLife("closed logs", closing),
            try compactedLife(.values),
            try compactedLife(.transactions),
        ]
    }

    @Test func `every disk that a power failure may leave has what was told, of so many different ones`() throws {
        var seen: Set<Int> = []
        var counts: [String] = []
        let lives = try Self.lives()
        for (index, life) in lives.enumerated() {
            let goal = Self.wanted * (index + 1) / lives.count
            let before = seen.count
            var random = UInt64(index) &+ 1
            // A life has so many states and no more.
            for _ in 0..<20 * Self.wanted where seen.count < goal {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let step = Int(random >> 33) % (life.disk.steps + 1)
                let subset = Int(random >> 16 & 0x1FFFF)
                let varied = life.disk.unsynced(after: step).suffix(Self.newest)
                let found = life.disk.disk(after: step) { index in
                    guard let rank = varied.firstIndex(of: index) else { return subset & 1 == 1 }
                    return subset >> (1 + rank - varied.startIndex) & 1 == 1
                }
                guard seen.insert(found.fingerprint).inserted else { continue }
                try life.check(found, step, "step \(step), subset \(subset)")
            }
            counts.append("\(life.name) \(seen.count - before)")
        }
        print("\(seen.count) different disks: \(counts.joined(separator: ", "))")
        #expect(seen.count >= Self.wanted * 9 / 10)
    }
}

extension SimulatedFileSystem.Disk {
    /// The same for the same names and bytes.
    fileprivate var fingerprint: Int {
        var hasher = Hasher()
        hasher.combine(directories.sorted())
        for (name, file) in names.sorted(by: { $0.key < $1.key }) {
            hasher.combine(name)
            hasher.combine(files[file])
        }
        return hasher.finalize()
    }
}
