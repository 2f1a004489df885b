import EventLog
import KafkaProtocol
import Telemetry

/// Committed offsets on disk: the one partition of `__consumer_offsets`. What has been read back at start is written
/// anew at the end when the log holds much that is out of date, and the log before it is deleted.
struct OffsetLog: Sendable {
    /// Offsets in one batch when the log is rewritten.
    static let rewriteBatch = 1000

    /// What a start finds.
    enum Entry {
        /// An offset, pending when it belongs to a producer's transaction.
        case offset(OffsetRecord, producer: Int64?)
        /// The producer's transaction ended.
        case end(TransactionEnd, producer: Int64)
    }

    private let log: StateLog

    /// Opens the topic, made when missing. Blocks.
    init(store: LogStore) throws { log = try StateLog(topic: InternalTopic.offsets, store: store) }

    /// Calls `body` with every entry in order. Blocks.
    func replay(_ body: (Entry) -> Void, logger: Logger) throws {
        try log.replay(logger: logger) { header, record in
            if header.attributes.contains(.control) {
                if let end = TransactionEnd(record) { body(.end(end, producer: header.producerID)) }
            } else if let offset = try OffsetRecord(record) {
                let isPending = header.attributes.contains(.transactional)
                body(.offset(offset, producer: isPending ? header.producerID : nil))
            }
        }
    }

    /// Appends records as one batch, as part of the producer's transaction if there is one; `done` is called when they
    /// are durable. Errors: as `PartitionLog.append`.
    func append(
        _ records: [OffsetRecord],
        producer: ProducerIdentity? = nil,
        now: Int64,
        done: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) throws(LogError) {
        log.whenDurable(try append(records, producer: producer, now: now), done)
    }

    /// Ends the producer's transaction; `done` is called when that is durable. Errors: as `PartitionLog.append`.
    func end(
        _ producer: ProducerIdentity,
        commits: Bool,
        done: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) throws(LogError) {
        log.whenDurable(try log.appendMarker(producer, commits: commits), done)
    }

    /// Replaces a long history by `live`. Blocks.
    func compact(_ live: [OffsetRecord], store: LogStore, now: Int64) throws {
        try log.rewrite(liveCount: live.count, store: store) { () throws(LogError) in
            var last: PartitionLog.Appended?
            for start in stride(from: 0, to: live.count, by: Self.rewriteBatch) {
                let batch = Array(live[start..<min(start + Self.rewriteBatch, live.count)])
                last = try append(batch, producer: nil, now: now)
            }
            return last
        }
    }

    private func append(
        _ records: [OffsetRecord],
        producer: ProducerIdentity?,
        now: Int64
    ) throws(LogError) -> PartitionLog.Appended {
        try log.append(records.map { ($0.key, $0.encodedValue) }, producer: producer, now: now)
    }
}
