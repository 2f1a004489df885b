import EventLog
import KafkaProtocol
import System
import Telemetry

/// Committed offsets on disk: the one partition of `__consumer_offsets`. What has been read back at start is written
/// anew at the end when the log holds much that is out of date, and the log before it is deleted.
struct OffsetLog: Sendable {
    /// Records beyond the live ones that a start tolerates.
    static let rewriteThreshold: Int64 = 100_000
    /// Offsets in one batch when the log is rewritten.
    static let rewriteBatch = 1000

    private let log: PartitionLog

    /// Opens the topic, made when missing. Blocks.
    init(store: LogStore) throws {
        if store.topic(named: InternalTopic.offsets) == nil {
            let settings = ["retention.ms": "-1", "retention.bytes": "-1", "segment.bytes": "104857600"]
            try store.createTopic(InternalTopic.offsets, partitions: 1, configuration: settings)
        }
        guard let log = store.partition(InternalTopic.offsets, 0) else { throw LogError.unknownTopicOrPartition }
        self.log = log
    }

    /// Calls `body` with every record in order. Blocks.
    func replay(_ body: (OffsetRecord) -> Void, logger: Logger) throws {
        try log.forEachBatch(from: log.bounds.start) { header, bytes throws(LogError) in
            do {
                var cursor = try RecordCursor(bytes)
                while let record = try cursor.next() {
                    if let offset = try OffsetRecord(record) { body(offset) }
                }
            } catch {
                logger.error("a batch of committed offsets cannot be read: \(error)")
            }
            return true
        }
    }

    /// Appends records as one batch; `done` is called when they are durable. Errors: as `PartitionLog.append`.
    func append(
        _ records: [OffsetRecord],
        now: Int64,
        done: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) throws(LogError) {
        var builder = RecordBatchBuilder()
        for record in records {
            builder.append(timestamp: now, key: record.key[...], value: record.encodedValue.map { $0[...] })
        }
        let batch: [UInt8]
        do throws(RecordBatchError) {
            batch = try builder.finish()
        } catch {
            throw .corruptBatch
        }
        let appended = try log.append(batch, origin: .broker)
        log.whenDurable(appended, done)
    }

    /// Replaces a long history by `live`. Blocks.
    func compact(_ live: [OffsetRecord], store: LogStore, now: Int64) throws {
        let end = log.bounds.end
        guard end - log.bounds.start - Int64(live.count) > Self.rewriteThreshold else { return }
        for start in stride(from: 0, to: live.count, by: Self.rewriteBatch) {
            try append(Array(live[start..<min(start + Self.rewriteBatch, live.count)]), now: now) { _ in }
        }
        let durable = try Semaphore()
        let newEnd = log.bounds.end
        log.whenDurable(upTo: newEnd) { _ in durable.signal() }
        durable.wait()
        // On a full disk the copies are gone: then the history stays.
        guard log.bounds.durableEnd >= newEnd, newEnd >= end + Int64(live.count) else { return }
        _ = try store.deleteRecords(InternalTopic.offsets, 0, before: end)
    }
}
