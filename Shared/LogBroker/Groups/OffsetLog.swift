import EventLog
import KafkaProtocol
import Telemetry

/// Committed offsets on disk, and the groups whose assignments the broker makes: the one partition of
/// `__consumer_offsets`.
struct OffsetLog: Sendable {
    /// What a start finds.
    enum Entry {
        /// An offset, pending when it belongs to a producer's transaction.
        case offset(OffsetRecord, producer: Int64?)
        /// The producer's transaction ended.
        case end(TransactionEnd, producer: Int64)
        /// Something of a group.
        case group(ConsumerGroupRecord)
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
            } else if let group = try ConsumerGroupRecord(record) {
                body(.group(group))
            }
        }
    }

    /// Appends records as one batch, as part of the producer's transaction if there is one, and gives them their
    /// positions. Errors: as `PartitionLog.append`.
    func append(
        _ records: inout [OffsetRecord],
        producer: ProducerIdentity? = nil,
        now: Int64
    ) throws(LogError) -> PartitionLog.Appended {
        let appended = try log.append(records.map { ($0.key, $0.encodedValue) }, producer: producer, now: now)
        for index in records.indices { records[index].position = appended.baseOffset + Int64(index) }
        return appended
    }

    /// Appends records of groups as one batch. Errors: as `PartitionLog.append`.
    func append(_ records: [ConsumerGroupRecord], now: Int64) throws(LogError) -> PartitionLog.Appended {
        try log.append(records.map { ($0.key, $0.value) }, now: now)
    }

    /// Calls `body` when what was appended is durable or will not be.
    func whenDurable(
        _ appended: PartitionLog.Appended,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) {
        log.whenDurable(appended, body)
    }

    /// Ends the producer's transaction; `done` is called when that is durable. Errors: as `PartitionLog.append`.
    func end(
        _ producer: ProducerIdentity,
        commits: Bool,
        done: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) throws(LogError) {
        log.whenDurable(try log.appendMarker(producer, commits: commits), done)
    }
}
