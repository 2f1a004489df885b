import Glibc
import KafkaProtocol
import Synchronization
import System
import TestSupport
import Testing

@testable import EventLog

/// What is left after the power went at any step of a small life of a log.
@Suite struct CrashTests {
    /// A value that was acknowledged, and after which step.
    private struct Acknowledged {
        let value: String
        let offset: Int64
        let step: Int
    }

    private static let directory = "/data"

    private func configuration() -> LogStoreConfiguration {
        var configuration = LogStoreConfiguration()
        configuration.checkpointInterval = 0
        configuration.readThreads = 1
        configuration.tailBytes = 0
        configuration.ringBytes = 0
        return configuration
    }

    private func store(_ disk: SimulatedFileSystem) throws -> LogBench {
        try LogBench(directory: Self.directory, fileSystem: disk, configuration: configuration())
    }

    /// Two starts, three segments, an idempotent producer.
    private func life(on disk: SimulatedFileSystem) throws -> [Acknowledged] {
        var acknowledged: [Acknowledged] = []
        for start in 0..<2 {
            let bench = try store(disk)
            let settings = ["segment.bytes": "1024", "index.interval.bytes": "100"]
            let log = try bench.store.partition("topic", 0) ?? bench.log(settings)
            for number in 0..<8 {
                let sequence = Int32(start * 8 + number)
                let value = "value \(sequence) " + String(repeating: "x", count: 60)
                let appended = try bench.appendDurably(log, [value], producer: (7, 0, sequence))
                acknowledged.append(Acknowledged(value: value, offset: appended.lastOffset, step: disk.steps))
            }
            bench.store.close()
        }
        return acknowledged
    }

    @Test(arguments: SimulatedFileSystem.Loss.allCases)
    func `whatever the disk lost, what was acknowledged is there and the log goes on`(
        loss: SimulatedFileSystem.Loss
    ) throws {
        let disk = SimulatedFileSystem()
        let acknowledged = try life(on: disk)
        let all = acknowledged.map(\.value)
        for step in 0...disk.steps {
            let found = SimulatedFileSystem(disk.disk(after: step, losing: loss))
            let bench = try store(found)
            defer { bench.store.close() }
            let due = acknowledged.filter { $0.step <= step }
            guard let log = bench.store.partition("topic", 0) else {
                #expect(due.isEmpty, "the topic is gone after step \(step)")
                continue
            }
            let values = try bench.values(log)
            #expect(values.count >= due.count, "records are gone after step \(step)")
            #expect(values == Array(all.prefix(values.count)), "the log is another after step \(step)")
            let next = try bench.appendDurably(log, ["next"], producer: (8, 0, 0))
            #expect(next.baseOffset == Int64(values.count))
            guard let last = due.last, values.count == due.count else { continue }
            let sequence = Int32(due.count - 1)
            let again = try bench.appendDurably(log, [last.value], producer: (7, 0, sequence))
            #expect(again.isDuplicate && again.baseOffset == last.offset, "stored twice after step \(step)")
        }
    }

    @Test func `a failed sync ends all acknowledgements`() async throws {
        let disk = SimulatedFileSystem()
        let bench = try store(disk)
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        disk.inject { if case .synchronize = $0 { EIO } else { nil } }
        #expect(throws: LogError.self) { try bench.appendDurably(log, ["b"]) }
        disk.heal()
        #expect(throws: LogError.self) { try log.append(LogBench.batch(["c"])) }
        #expect(log.bounds.durableEnd == 1)
        try await eventually("the process is told to end", within: 300) { bench.fatal.value == 1 }
    }

    @Test func `a round over many partitions keeps what was acknowledged and one failed sync ends it`() async throws {
        let disk = SimulatedFileSystem()
        let bench = try store(disk)
        try bench.store.createTopic("many", partitions: 40)
        let logs = bench.store.partitions("many")
        for round in 0..<3 {
            let appended = try logs.map { try $0.append(LogBench.batch(["round \(round)"])) }
            for (log, appended) in zip(logs, appended) { try LogBench.wait(log, for: appended) }
        }
        let again = try store(SimulatedFileSystem(disk.disk(after: disk.steps, losing: .everything)))
        for log in again.store.partitions("many") {
            #expect(try again.values(log) == ["round 0", "round 1", "round 2"])
        }
        again.store.close()
        disk.inject { if case .synchronize(let file) = $0, file % 7 == 0 { EIO } else { nil } }
        for log in logs { _ = try? log.append(LogBench.batch(["lost"])) }
        try await eventually("the process is told to end", within: 300) { bench.fatal.value == 1 }
    }

    @Test func `a full disk refuses appends, keeps serving reads and goes on when there is room`() throws {
        let disk = SimulatedFileSystem()
        let bench = try store(disk)
        let log = try bench.log(["segment.bytes": "1024"])
        for sequence in 0..<10 {
            _ = try bench.appendDurably(log, ["value \(sequence)"], producer: (7, 0, Int32(sequence)))
        }
        disk.inject { if case .write = $0 { ENOSPC } else { nil } }
        for _ in 0..<3 {
            #expect(throws: LogError.storageFull) { try bench.appendDurably(log, ["lost"], producer: (7, 0, 10)) }
        }
        #expect(try bench.values(log).count == 10)
        disk.heal()
        #expect(try bench.appendDurably(log, ["value 10"], producer: (7, 0, 10)).baseOffset == 10)
        #expect(bench.fatal.value == 0)
        let again = try store(SimulatedFileSystem(disk.disk(after: disk.steps, losing: .everything)))
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(try again.values(recovered) == (0...10).map { "value \($0)" })
        again.store.close()
    }

    @Test(arguments: [40_000, 400_000])
    func `after a kill a start reads what follows the last marks and no more`(size: Int) throws {
        let disk = SimulatedFileSystem()
        var settings = configuration()
        settings.ringBytes = WriteAheadRing.smallestSize
        let bench = try LogBench(directory: Self.directory, fileSystem: disk, configuration: settings)
        let log = try bench.log()
        let value = String(repeating: "x", count: size)
        let count = 12_000_000 / size
        for sequence in 0..<count {
            _ = try bench.appendDurably(log, [value], producer: (7, 0, Int32(sequence)))
        }
        let found = SimulatedFileSystem(disk.disk(after: disk.steps, losing: .nothing))
        let again = try LogBench(directory: Self.directory, fileSystem: found, configuration: settings)
        defer { again.store.close() }
        let limit = RecoveryBacklog.perLog.upperBound
        #expect(found.bytesRead < 2 * limit + 3 * size)
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(recovered.bounds.durableEnd == Int64(count))
        #expect(try again.appendDurably(recovered, [value], producer: (7, 0, Int32(count - 1))).isDuplicate)
    }

    @Test func `when nothing has come for a while the checkpoint knows the end of the log`() async throws {
        let disk = SimulatedFileSystem()
        var settings = configuration()
        settings.checkpointInterval = 100
        let bench = try LogBench(directory: Self.directory, fileSystem: disk, configuration: settings)
        let log = try bench.log()
        for number in 0..<5 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        try await eventually("the checkpoint is at the end", within: 300) {
            let file = try disk.contents(of: "\(Self.directory)/\(Checkpoint.fileName)")
            return file.flatMap(Checkpoint.init)?.entries.values.map(\.durableEnd) == [5]
        }
    }

    @Test func `indexes that are gone or wrong are rebuilt`() throws {
        let disk = SimulatedFileSystem()
        let acknowledged = try life(on: disk)
        let names = try disk.names(in: "\(Self.directory)/topic-0")
        for name in names where name.hasSuffix("index") || name.hasSuffix(".producers") || name.hasPrefix("leader") {
            let file = try disk.open("\(Self.directory)/topic-0/\(name)", creating: false)
            try file.write(Array(repeating: 0x55, count: max(40, file.size())), at: 0)
        }
        try disk.remove("\(Self.directory)/checkpoint")
        let bench = try store(disk)
        defer { bench.store.close() }
        let log = try #require(bench.store.partition("topic", 0))
        #expect(try bench.values(log) == acknowledged.map(\.value))
        #expect(try bench.appendDurably(log, ["again"], producer: (7, 0, 15)).isDuplicate)
        #expect(try log.end(ofEpoch: 0)?.endOffset == 8)
    }
}
