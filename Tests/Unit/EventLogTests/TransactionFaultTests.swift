import Glibc
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

@testable import EventLog
@testable import LogBroker

/// A call fails at any step of transactions over two topics and a group's offsets, in whichever file: the coordinator's
/// records, the batches, their markers, indexes, snapshots, the ring, the checkpoint.
@Suite struct TransactionFaultTests {
    private static let topics = ["a", "b"]
    private static let id = "x"
    /// Every so manieth call fails; `MARQUEE_CRASH_STATES` asks for all of them.
    private static var stride: Int { Environment.value("MARQUEE_CRASH_STATES") == nil ? 41 : 1 }
    private static let transactions = 3
    private static let recordsEach = 2

    /// How calls fail from one on; a write that fails leaves half of its bytes.
    enum Fault: CaseIterable {
        case ioErrorOnce, ioErrorsFromThen, fullDiskOnce, fullDiskForAWhile

        func code(of call: Int, since first: Int) -> Int32? {
            switch self {
            case .ioErrorOnce: call == first ? EIO : nil
            case .ioErrorsFromThen: call >= first ? EIO : nil
            case .fullDiskOnce: call == first ? ENOSPC : nil
            case .fullDiskForAWhile: (first..<first + 8).contains(call) ? ENOSPC : nil
            }
        }
    }

    private struct Past {
        /// What is left of the disk when the process was killed, and when the power went.
        let disks: [SimulatedFileSystem.Disk]
        /// What the client was told of its transactions: committed, aborted, or nothing.
        let ends: [Int: Bool]
        let calls: Int
    }

    /// The log and what the broker runs on it.
    private struct Bench {
        let store: LogStore
        let groups: GroupCoordinator
        let coordinator: TransactionCoordinator
        let failures = Counter()

        init(_ disk: SimulatedFileSystem) throws {
            var configuration = CompactionBench.configuration
            configuration.checkpointInterval = 0
            let logger = Logger(label: "test", sink: { _ in })
            store = try LogStore(
                directory: "/data",
                configuration: configuration,
                fileSystem: disk,
                logger: logger,
                onFatal: { [failures] _ in failures.add() }
            )
            groups = try GroupCoordinator(store: store, logger: logger)
            coordinator = try TransactionCoordinator(
                store: store,
                groups: groups,
                producerIDs: ProducerIDs(leaderEpoch: store.leaderEpoch),
                logger: logger,
                metrics: BrokerMetrics(MetricRegistry())
            )
        }

        var places: Set<TopicPartition> { Set(topics.map { TopicPartition(topic: $0, partition: 0) }) }

        func initialize() async throws -> ProducerIdentity {
            let deadline = MonotonicClock.nanoseconds + 20_000_000_000
            while true {
                do {
                    return try await coordinator.initialize(id, expected: nil, timeout: 60_000)
                } catch let error as ErrorCode where error == .concurrentTransactions {
                    guard failures.value == 0, MonotonicClock.nanoseconds < deadline else { throw error }
                    // Its markers are due.
                    coordinator.sweep()
                    await Task.yield()
                }
            }
        }

        func run(_ number: Int, commits: Bool) async throws {
            let producer = try await initialize()
            try await coordinator.add(places.union([GroupCoordinator.partition]), to: id, by: producer)
            for record in 0..<recordsEach {
                for place in places {
                    let log = try #require(store.partition(place.topic, 0))
                    let batch = LogBench.batch(
                        ["\(number)"],
                        producer: (producer.id, producer.epoch, Int32(record)),
                        isTransactional: true
                    )
                    let append = { () throws(LogError) in try log.append(batch) }
                    try LogBench.wait(log, for: coordinator.append(to: place, in: id, by: producer, append))
                }
            }
            let waiter = Waiter<ErrorCode>()
            let place = TopicPartition(topic: "a", partition: 0)
            let value = CommittedOffset(offset: Int64(number), leaderEpoch: -1, metadata: "", timestamp: 1)
            let offset = OffsetRecord(group: "g", partition: place, value: value)
            try coordinator.append(to: GroupCoordinator.partition, in: id, by: producer) { () throws(LogError) in
                try groups.appendPending([offset], by: producer, waiter)
            }
            let error = try await waiter.wait()
            guard error == .none else { throw error }
            try await coordinator.end(id, by: producer, commits: commits)
        }
    }

    /// What a life of transactions leaves, one after the other, the call `first` and maybe some behind it failing.
    private static func live(_ fault: Fault, at first: Int) async throws -> Past {
        let disk = SimulatedFileSystem()
        let bench = try Bench(disk)
        defer { bench.store.close() }
        for topic in topics {
            try bench.store.createTopic(topic, partitions: 1, configuration: ["segment.bytes": "1024"])
        }
        let calls = Mutex(0)
        disk.inject { _ in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return fault.code(of: call, since: first)
        }
        var ends: [Int: Bool] = [:]
        for number in 0..<transactions {
            let commits = number % 3 != 1
            if (try? await bench.run(number, commits: commits)) != nil { ends[number] = commits }
        }
        disk.heal()
        let disks = [SimulatedFileSystem.Loss.nothing, .everything].map { disk.disk(after: disk.steps, losing: $0) }
        return Past(disks: disks, ends: ends, calls: calls.withLock { $0 })
    }

    /// A broker that starts on this disk: what was told holds, each transaction is there as a whole or not at all, and
    /// none is left open.
    private static func check(_ found: SimulatedFileSystem.Disk, _ past: Past, _ note: String) async throws {
        let bench = try Bench(SimulatedFileSystem(found))
        defer { bench.store.close() }
        _ = try await bench.initialize()
        try await eventually("\(note): no transaction is open", within: 60) {
            bench.coordinator.activeEntries.isEmpty
        }
        var shown: [[Int]] = []
        for topic in topics {
            let log = try #require(bench.store.partition(topic, 0), "\(note)")
            #expect(log.bounds.stableEnd == log.bounds.durableEnd, "\(note): \(topic)")
            let (records, corrupt) = try CompactedDamageTests.read(log)
            #expect(corrupt.isEmpty, "\(note): \(topic)")
            let values = records.sorted { $0.key < $1.key }.map(\.value).filter(\.isShown)
            shown.append(values.compactMap { Int(String(decoding: $0.value, as: UTF8.self)) })
        }
        let visible = Set(shown[0])
        #expect(shown[0] == visible.sorted().flatMap { Array(repeating: $0, count: recordsEach) }, "\(note)")
        #expect(shown[0] == shown[1], "\(note): a transaction is torn")
        for (number, commits) in past.ends {
            #expect(visible.contains(number) == commits, "\(note): \(number) was told, of \(visible.sorted())")
        }
        let offset = bench.groups.offsets("g")[TopicPartition(topic: "a", partition: 0)]?.offset
        #expect(offset == visible.max().map(Int64.init), "\(note): the group's offset")
    }

    @Test(arguments: Fault.allCases)
    func `a failing call at any step of transactions tears none and loses none that was told`(fault: Fault) async throws
    {
        var first = 1
        var told = 0
        while true {
            let past = try await Self.live(fault, at: first)
            told += past.ends.count
            for (disk, loss) in zip(past.disks, ["killed", "without power"]) {
                try await Self.check(disk, past, "\(fault) at \(first), \(loss)")
            }
            if past.calls < first { break }
            first += Self.stride
        }
        #expect(first > 100 && told > 0)
    }
}
