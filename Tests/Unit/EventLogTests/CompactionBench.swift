import KafkaProtocol
import Synchronization
import System
import Testing

@testable import EventLog

/// A store whose clock stands until it is moved, and logs of keys and values.
struct CompactionBench {
    /// Small segments: two batches of a few records each.
    static let settings = [
        "cleanup.policy": "compact", "segment.bytes": "1024", "index.interval.bytes": "100",
        "delete.retention.ms": "1000", "min.cleanable.dirty.ratio": "0",
    ]

    static var configuration: LogStoreConfiguration {
        var configuration = LogStoreConfiguration()
        configuration.cleanerInterval = 0
        configuration.cleanerBytesPerSecond = .max / 2_000_000_000
        configuration.tailBytes = 0
        configuration.readThreads = 1
        configuration.ringBytes = WriteAheadRing.smallestSize
        return configuration
    }

    let bench: LogBench
    let time: Time
    var store: LogStore { bench.store }

    final class Time: Sendable {
        private let milliseconds = Mutex<Int64>(1_700_000_000_000)
        var now: Int64 { milliseconds.withLock { $0 } }
        func advance(_ step: Int64) { milliseconds.withLock { $0 += step } }
    }

    init(
        directory: String? = nil,
        fileSystem: any FileSystem = PosixFileSystem(),
        configuration: LogStoreConfiguration = CompactionBench.configuration,
        time: Time = Time()
    ) throws {
        self.time = time
        bench = try LogBench(
            directory: directory,
            fileSystem: fileSystem,
            configuration: configuration,
            clock: WallClock { Timestamp(milliseconds: time.now) }
        )
    }

    /// Another store over the same files; this one is closed, or left as a killed process leaves it.
    func reopened(clean: Bool) throws -> CompactionBench {
        if clean { store.close() }
        return try CompactionBench(directory: bench.directory, time: time)
    }

    func log(_ more: [String: String] = [:]) throws -> PartitionLog {
        try bench.log(Self.settings.merging(more) { $1 })
    }

    /// Appends `key=value` pairs in one batch; a key alone is a tombstone.
    @discardableResult
    func append(
        _ log: PartitionLog,
        _ pairs: [String],
        producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil,
        isTransactional: Bool = false,
        compression: Compression = .none
    ) throws -> PartitionLog.Appended {
        var builder = RecordBatchBuilder(
            compression: compression,
            attributes: isTransactional ? [.transactional] : [],
            producerID: producer?.id ?? -1,
            producerEpoch: producer?.epoch ?? -1,
            baseSequence: producer?.sequence ?? -1
        )
        for pair in pairs {
            let parts = pair.split(separator: "=").map { Array($0.utf8)[...] }
            builder.append(timestamp: time.now, key: parts[0], value: parts.count > 1 ? parts[1] : nil)
        }
        let appended = try log.append(builder.finish())
        try LogBench.wait(log, for: appended)
        return appended
    }

    /// Ends the transaction of producer 7.
    func end(_ log: PartitionLog, commits: Bool) throws {
        let marker = try log.appendMarker(producerID: 7, producerEpoch: 0, commits: commits, coordinatorEpoch: 0)
        try LogBench.wait(log, for: marker)
    }

    /// Closes the active segment: enough is appended to roll, under a key of its own.
    func roll(_ log: PartitionLog) throws {
        try append(log, ["filler=" + String(repeating: "f", count: 900)])
        try append(log, ["filler=" + String(repeating: "g", count: 900)])
    }

    /// Compacts until nothing is due; how many goes there were.
    @discardableResult
    func compactAll() -> Int {
        var goes = 0
        while goes < 100, store.compactNext() { goes += 1 }
        return goes
    }

    /// `offset key=value` of every record but the fillers.
    func records(_ log: PartitionLog) throws -> [String] {
        var found: [String] = []
        try log.forEachBatch(from: log.bounds.start) { header, bytes throws(LogError) in
            do throws(RecordBatchError) {
                var cursor = try RecordCursor(bytes)
                while !header.attributes.contains(.control), let record = try cursor.next() {
                    let key = String(decoding: record.key ?? [], as: UTF8.self)
                    let value = record.value.map { "=" + String(decoding: $0, as: UTF8.self) } ?? ""
                    if key != "filler" { found.append("\(record.offset) \(key)\(value)") }
                }
                return true
            } catch {
                throw .corruptBatch
            }
        }
        return found
    }

    /// All batches that a reader gets.
    func headers(_ log: PartitionLog) throws -> [RecordBatchHeader] {
        var headers: [RecordBatchHeader] = []
        try log.forEachBatch(from: log.bounds.start) { header, _ in
            headers.append(header)
            return true
        }
        return headers
    }
}
