import KafkaProtocol
import Synchronization
import System
import Testing

@testable import EventLog

@Suite struct CompactionTests {
    @Test(arguments: [Compression.none, .lz4, .zstd])
    func `the last value of a key stays with its offset, and a start finds the same`(compression: Compression) throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        for round in 0..<5 {
            try bench.append(log, ["a=\(round)", "b=\(round)", "only\(round)=x"], compression: compression)
        }
        try bench.roll(log)
        #expect(bench.compactAll() == 1)
        let expected = ["2 only0=x", "5 only1=x", "8 only2=x", "11 only3=x", "12 a=4", "13 b=4", "14 only4=x"]
        #expect(try bench.records(log) == expected)
        #expect(try LogBench.records(log.readBlocking(from: 3, maxBytes: 1)).first?.offset == 5)
        for clean in [false, true] {
            let again = try bench.reopened(clean: clean)
            let recovered = try #require(again.store.partition("topic", 0))
            #expect(try again.records(recovered) == expected)
            #expect(recovered.bounds.durableEnd == log.bounds.durableEnd)
            #expect(again.compactAll() == 0, "what was compacted is compacted again after a start")
            again.store.close()
        }
    }

    @Test func `the active segment is left alone`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        for round in 0..<3 { try bench.append(log, ["a=\(round)"]) }
        #expect(bench.compactAll() == 0)
        #expect(try bench.records(log) == ["0 a=0", "1 a=1", "2 a=2"])
    }

    @Test func `a topic that is not compacted keeps everything`() throws {
        let bench = try CompactionBench()
        let log = try bench.log(["cleanup.policy": "delete"])
        for round in 0..<3 { try bench.append(log, ["a=\(round)"]) }
        try bench.roll(log)
        #expect(bench.compactAll() == 0)
        #expect(try bench.records(log).count == 3)
    }

    @Test func `a tombstone outlives its key by the topic's time and then goes`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        try bench.append(log, ["a=1", "b=1"])
        try bench.append(log, ["a", "c=1"])
        try bench.roll(log)
        bench.compactAll()
        #expect(try bench.records(log) == ["1 b=1", "2 a", "3 c=1"])
        let marked = try bench.headers(log).first { $0.baseOffset == 2 }
        #expect(marked?.deleteHorizon == bench.time.now + 1000)
        bench.time.advance(500)
        try bench.roll(log)
        bench.compactAll()
        #expect(try bench.records(log) == ["1 b=1", "2 a", "3 c=1"])
        bench.time.advance(600)
        try bench.roll(log)
        bench.compactAll()
        #expect(try bench.records(log) == ["1 b=1", "3 c=1"])
    }

    @Test func `times of records stay right when a batch is rewritten with a horizon`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        let start = bench.time.now
        try bench.append(log, ["a=1", "b"])
        bench.time.advance(10)
        try bench.append(log, ["a=2"])
        try bench.roll(log)
        bench.compactAll()
        #expect(try LogBench.records(log.readBlocking(from: 0, maxBytes: 1)).map(\.timestamp) == [start])
        #expect(try log.offset(forTimestamp: start + 1)?.offset == 2)
    }

    @Test func `an idempotent producer goes on although all its records were replaced`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        for sequence in 0..<3 { try bench.append(log, ["a=\(sequence)"], producer: (7, 0, Int32(sequence))) }
        try bench.append(log, ["a=other"])
        try bench.roll(log)
        bench.compactAll()
        #expect(try bench.records(log) == ["3 a=other"])
        let kept = try bench.headers(log).filter { $0.producerID == 7 }
        #expect(kept.map(\.baseSequence) == [2] && kept[0].recordCount == 0)
        // Without the snapshots the log alone tells.
        let again = try bench.reopened(clean: false)
        for name in try PosixFileSystem().names(in: log.directory) where name.hasSuffix(".producers") {
            try PosixFileSystem().remove("\(log.directory)/\(name)")
        }
        let last = try again.reopened(clean: false)
        let recovered = try #require(last.store.partition("topic", 0))
        #expect(try last.append(recovered, ["a=2"], producer: (7, 0, 2)).isDuplicate)
        #expect(try !last.append(recovered, ["a=3"], producer: (7, 0, 3)).isDuplicate)
    }

    @Test func `aborted records go, their marker later, and readers are told of neither`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        try bench.append(log, ["a=1"])
        try bench.append(log, ["a=aborted"], producer: (7, 0, 0), isTransactional: true)
        try bench.end(log, commits: false)
        try bench.append(log, ["b=committed"], producer: (7, 0, 1), isTransactional: true)
        try bench.end(log, commits: true)
        try bench.roll(log)
        bench.compactAll()
        #expect(try bench.records(log) == ["0 a=1", "3 b=committed"])
        #expect(log.abortedTransactions(in: 0..<100).count == 1)
        #expect(try bench.headers(log).filter { $0.attributes.contains(.control) }.map(\.baseOffset) == [2, 4])
        try bench.roll(log)
        bench.compactAll()
        bench.time.advance(2000)
        try bench.roll(log)
        bench.compactAll()
        // The commit's marker stays: its transaction has a record.
        #expect(try bench.headers(log).filter { $0.attributes.contains(.control) }.map(\.baseOffset) == [4])
        #expect(log.abortedTransactions(in: 0..<100).isEmpty)
        let again = try bench.reopened(clean: false)
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(recovered.abortedTransactions(in: 0..<100).isEmpty)
        #expect(try again.records(recovered) == ["0 a=1", "3 b=committed"])
    }

    @Test func `an open transaction is left alone`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        try bench.append(log, ["a=1"])
        try bench.append(log, ["a=open"], producer: (7, 0, 0), isTransactional: true)
        try bench.append(log, ["a=2"])
        try bench.roll(log)
        #expect(bench.compactAll() == 0)
        try bench.end(log, commits: true)
        bench.compactAll()
        #expect(try bench.records(log) == ["2 a=2"])
    }

    @Test func `more keys than fit into memory take several goes`() throws {
        var configuration = CompactionBench.configuration
        configuration.cleanerKeys = 3
        let bench = try CompactionBench(configuration: configuration)
        let log = try bench.log()
        for round in 0..<3 {
            for key in 0..<12 { try bench.append(log, ["key\(key)=\(round)"]) }
        }
        try bench.roll(log)
        #expect(bench.compactAll() > 5)
        #expect(try bench.records(log) == (0..<12).map { "\(24 + $0) key\($0)=2" })
    }

    @Test func `compaction waits for enough that is new, for its age, and not beyond the longest wait`() throws {
        let bench = try CompactionBench()
        let log = try bench.log(["min.cleanable.dirty.ratio": "0.9"])
        for round in 0..<20 {
            try bench.append(log, ["a=\(round)", "key\(round)=" + String(repeating: "v", count: 90)])
        }
        try bench.roll(log)
        #expect(bench.compactAll() == 1)
        try bench.append(log, ["a=new"])
        try bench.roll(log)
        #expect(bench.compactAll() == 0, "little is new")
        let settings = CompactionBench.settings
        let patient = settings.merging(["min.compaction.lag.ms": "5000", "min.cleanable.dirty.ratio": "0"]) { $1 }
        try bench.store.configure("topic", overrides: patient)
        #expect(bench.compactAll() == 0, "what is new is too young")
        let urgent = settings.merging(["max.compaction.lag.ms": "4000", "min.cleanable.dirty.ratio": "1"]) { $1 }
        try bench.store.configure("topic", overrides: urgent)
        #expect(bench.compactAll() == 0, "the wait is not over")
        bench.time.advance(4500)
        #expect(bench.compactAll() == 1)
        #expect(try bench.records(log).last == "42 a=new")
    }

    @Test func `nobody has to write for a tombstone to be compacted`() throws {
        let bench = try CompactionBench()
        let log = try bench.log(["max.compaction.lag.ms": "5000", "segment.bytes": "100000"])
        try bench.append(log, ["name=erased person"])
        try bench.append(log, ["name"])
        bench.store.applyRetention()
        #expect(bench.compactAll() == 0)
        bench.time.advance(6000)
        bench.store.applyRetention()
        bench.compactAll()
        #expect(try bench.records(log) == ["1 name"])
        let file = try PosixFileSystem().contents(of: "\(log.directory)/00000000000000000000.log") ?? []
        #expect(!String(decoding: file, as: UTF8.self).contains("erased person"))
    }

    @Test func `a damaged segment is kept, reported and compacted no more`() throws {
        let bench = try CompactionBench()
        let log = try bench.log()
        for round in 0..<4 { try bench.append(log, ["a=\(round)"]) }
        try bench.roll(log)
        let path = "\(log.directory)/00000000000000000000.log"
        let before = try #require(try PosixFileSystem().contents(of: path))
        let file = try PosixFileSystem().open(path, creating: false)
        let batch = before.count / 5
        try file.write([before[batch + 70] ^ 1], at: batch + 70)
        #expect(bench.compactAll() == 0)
        #expect(throws: LogError.corruptBatch) { try log.readBlocking(from: 1, maxBytes: 1) }
        #expect(try LogBench.records(log.readBlocking(from: 2, maxBytes: 1)).map(\.offset) == [2])
        #expect(try PosixFileSystem().names(in: log.directory).allSatisfy { !$0.hasSuffix(".cleaned") })
    }

    @Test func `neighbours are put together and retention goes on over them`() throws {
        let bench = try CompactionBench()
        let log = try bench.log(["cleanup.policy": "compact,delete", "retention.ms": "10000", "segment.bytes": "2000"])
        for round in 0..<200 { try bench.append(log, ["a=\(round)", "key\(round % 7)=\(round)"]) }
        let before = try log.size()
        bench.compactAll()
        #expect(try log.size() < before / 3)
        try bench.roll(log)
        bench.compactAll()
        let logs = try PosixFileSystem().names(in: log.directory).filter { $0.hasSuffix(".log") }
        #expect(logs.count < 5)
        bench.time.advance(20_000)
        bench.store.applyRetention()
        #expect(log.bounds.start == log.bounds.durableEnd)
        #expect(try bench.append(log, ["a=next"]).baseOffset == 402)
    }

    @Test func `a topic is deleted and made anew while it is compacted`() throws {
        var configuration = CompactionBench.configuration
        configuration.cleanerBytesPerSecond = 300_000
        let bench = try CompactionBench(configuration: configuration)
        let log = try bench.log(["segment.bytes": "100000"])
        for round in 0..<40 { try bench.append(log, ["a=" + String(repeating: "x", count: 10_000 + round)]) }
        let thread = try Thread.start(name: "compaction") { bench.store.compactNext() }
        try bench.store.deleteTopic("topic")
        thread.join()
        #expect(try PosixFileSystem().names(in: bench.bench.directory).allSatisfy { !$0.hasPrefix("topic") })
        let next = try bench.log()
        try bench.append(next, ["a=1"])
        #expect(try bench.records(next) == ["0 a=1"])
    }

    @Test func `readers beside compaction see every last value`() throws {
        let bench = try CompactionBench()
        let log = try bench.log(["segment.bytes": "3000"])
        let isDone = Mutex(false)
        let reads = Counter()
        let wrong = Mutex<[String]>([])
        for key in 0..<20 { try bench.append(log, ["key\(key)=0"]) }
        let reader = try Thread.start(name: "reader") {
            while !isDone.withLock({ $0 }) {
                let end = log.bounds.durableEnd
                let keys = (try? bench.records(log)).map {
                    Set($0.map { $0.split(separator: " ")[1].split(separator: "=")[0] })
                }
                if keys?.count != 20 { wrong.withLock { $0.append("\(keys?.count ?? -1) keys below \(end)") } }
                reads.add()
            }
        }
        for round in 1...60 {
            for key in 0..<20 { try bench.append(log, ["key\(key)=\(round)"]) }
            bench.store.compactNext()
        }
        isDone.withLock { $0 = true }
        reader.join()
        #expect(wrong.withLock { $0 }.isEmpty && reads.value > 0)
        #expect(
            try bench.records(log).suffix(20).map { $0.split(separator: "=")[1] } == Array(repeating: "60", count: 20)
        )
    }
}
