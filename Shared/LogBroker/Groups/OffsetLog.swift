import EventLog
import KafkaProtocol
import Telemetry

/// Committed offsets on disk: the one partition of `__consumer_offsets`.
struct OffsetLog: Sendable {
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

    private func append(
        _ records: [OffsetRecord],
        producer: ProducerIdentity?,
        now: Int64
    ) throws(LogError) -> PartitionLog.Appended {
        try log.append(records.map { ($0.key, $0.encodedValue) }, producer: producer, now: now)
    }
}
