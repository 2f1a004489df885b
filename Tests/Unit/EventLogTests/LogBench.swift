import KafkaProtocol
import Synchronization
import System
import Telemetry
import TestSupport

@testable import EventLog

/// A store in a directory of its own, with short cuts for tests.
final class LogBench: Sendable {
    let store: LogStore
    let directory: String
    private let owned: TemporaryDirectory?
    let fatal = Counter()

    init(
        directory: String? = nil,
        fileSystem: any FileSystem = PosixFileSystem(),
        configuration: LogStoreConfiguration = LogStoreConfiguration(),
        clock: WallClock = .system
    ) throws {
        owned = directory == nil ? try TemporaryDirectory() : nil
        let path = directory ?? owned?.path ?? ""
        self.directory = path
        let fatal = fatal
        store = try LogStore(
            directory: path,
            configuration: configuration,
            fileSystem: fileSystem,
            clock: clock,
            logger: Logger(label: "log", sink: { _ in }),
            onFatal: { _ in fatal.add() }
        )
    }

    deinit { store.close() }

    var now: Int64 { WallClock.system.now.milliseconds }

    /// Partition 0 of a new topic `topic`.
    func log(_ configuration: [String: String] = [:]) throws -> PartitionLog {
        try store.createTopic("topic", partitions: 1, configuration: configuration)
        guard let log = store.partition("topic", 0) else { throw LogError.unknownTopicOrPartition }
        return log
    }

    /// Another store over the same files; this one is closed, or left as a killed process leaves it.
    func reopened(clean: Bool) throws -> LogBench {
        if clean { store.close() }
        return try LogBench(directory: directory)
    }

    /// Leaves the files as they are, as a kill does.
    func abandon() {}

    func appendDurably(
        _ log: PartitionLog,
        _ values: [String],
        timestamp: Int64? = nil,
        producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil
    ) throws -> PartitionLog.Appended {
        let appended = try log.append(Self.batch(values, timestamp: timestamp ?? now, producer: producer))
        try Self.wait(log, for: appended)
        return appended
    }

    static func wait(_ log: PartitionLog, for appended: PartitionLog.Appended) throws {
        let semaphore = try Semaphore()
        let box = Box()
        log.whenDurable(appended) { result in
            box.value.withLock { $0 = result }
            semaphore.signal()
        }
        semaphore.wait()
        if case .failure(let error) = box.value.withLock({ $0 }) { throw error }
    }

    static func batch(
        _ values: [String],
        timestamp: Int64 = 1000,
        producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil,
        isTransactional: Bool = false
    ) -> [UInt8] {
        var builder = RecordBatchBuilder(
            attributes: isTransactional ? [.transactional] : [],
            producerID: producer?.id ?? -1,
            producerEpoch: producer?.epoch ?? -1,
            baseSequence: producer?.sequence ?? -1
        )
        for value in values { builder.append(timestamp: timestamp, key: nil, value: Array(value.utf8)[...]) }
        return (try? builder.finish()) ?? []
    }

    func values(_ log: PartitionLog) throws -> [String] {
        var values: [String] = []
        var next = log.bounds.start
        while next < log.bounds.durableEnd {
            let records = try log.readBlocking(from: next, maxBytes: 500)
            let found = try Self.records(records).filter { $0.offset >= next }
            guard let last = found.last else { return values }
            values += found.map { String(decoding: $0.value ?? [], as: UTF8.self) }
            next = last.offset + 1
        }
        return values
    }

    static func values(_ records: FetchedRecords) throws -> [String] {
        try self.records(records).map { String(decoding: $0.value ?? [], as: UTF8.self) }
    }

    static func records(_ fetched: FetchedRecords) throws -> [Record] {
        var records: [Record] = []
        for chunk in fetched.chunks {
            let bytes = Array(chunk)
            var start = 0
            while start < bytes.count {
                var cursor = try RecordCursor(bytes, at: start)
                while let record = try cursor.next() { records.append(record) }
                start += cursor.header.totalSize
            }
        }
        return records
    }
}

/// Counts calls from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

/// Carries a mutex into a closure.
final class Box: Sendable {
    let value = Mutex<Result<Int64, LogError>?>(nil)
}
