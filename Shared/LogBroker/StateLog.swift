import EventLog
import KafkaProtocol
import Telemetry

/// The one partition of an internal topic: what the broker itself has to remember, as records that replace one another,
/// read back at start. It is compacted, in small segments: a start reads the newest one and at most twice what is alive.
/// Any thread.
struct StateLog: Sendable {
    /// A record to be appended; no value says that what the key stands for is gone.
    typealias Pair = (key: [UInt8], value: [UInt8]?)

    private static let settings = [
        "cleanup.policy": "compact", "segment.bytes": "4194304", "retention.ms": "-1", "retention.bytes": "-1",
    ]

    private let log: PartitionLog

    /// Opens the topic, made when missing. Blocks.
    init(topic: String, store: LogStore) throws {
        if store.topic(named: topic) == nil {
            try store.createTopic(topic, partitions: 1, configuration: Self.settings)
        } else if store.topic(named: topic)?.configuration.compacts == false {
            // Made by a version that knew no compaction.
            try store.configure(topic, overrides: Self.settings)
        }
        guard let log = store.partition(topic, 0) else { throw LogError.unknownTopicOrPartition }
        // Groups and transactions append on event loops.
        try log.keepOpen()
        self.log = log
    }

    /// Calls `body` with every record in order. What is damaged is reported and passed over: it is no reason not to start.
    /// Blocks.
    func replay(logger: Logger, _ body: (RecordBatchHeader, Record) throws -> Void) throws {
        let topic = log.topic
        var next = log.bounds.start
        while next < log.bounds.durableEnd {
            do {
                try log.forEachBatch(from: next) { header, bytes throws(LogError) in
                    next = header.nextOffset
                    do {
                        var cursor = try RecordCursor(bytes)
                        while let record = try cursor.next() { try body(header, record) }
                    } catch {
                        logger.error("a batch of \(topic) cannot be read: \(error)")
                    }
                    return true
                }
                return
            } catch LogError.corruptBatch {
                logger.critical("\(topic) is damaged at offset \(next)")
                next += 1
            }
        }
    }

    /// Appends records as one batch, as part of the producer's transaction if there is one. Errors: as
    /// `PartitionLog.append`.
    func append(
        _ pairs: [Pair],
        producer: ProducerIdentity? = nil,
        now: Int64
    ) throws(LogError) -> PartitionLog.Appended {
        var builder = RecordBatchBuilder(
            attributes: producer == nil ? [] : .transactional,
            producerID: producer?.id ?? -1,
            producerEpoch: producer?.epoch ?? -1
        )
        for pair in pairs { builder.append(timestamp: now, key: pair.key[...], value: pair.value.map { $0[...] }) }
        let batch: [UInt8]
        do throws(RecordBatchError) {
            batch = try builder.finish()
        } catch {
            throw .corruptBatch
        }
        return try log.append(batch, origin: .broker)
    }

    /// Ends the producer's transaction in this partition.
    func appendMarker(_ producer: ProducerIdentity, commits: Bool) throws(LogError) -> PartitionLog.Appended {
        try log.appendMarker(producer, commits: commits)
    }

    /// Calls `body` when what was appended is durable or will not be.
    func whenDurable(
        _ appended: PartitionLog.Appended,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) {
        log.whenDurable(appended, body)
    }
}

extension PartitionLog {
    /// Ends the producer's transaction in this partition.
    func appendMarker(_ producer: ProducerIdentity, commits: Bool) throws(LogError) -> Appended {
        try appendMarker(
            producerID: producer.id,
            producerEpoch: producer.epoch,
            commits: commits,
            coordinatorEpoch: leaderEpoch
        )
    }
}
