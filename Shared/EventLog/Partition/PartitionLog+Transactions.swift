public import KafkaProtocol
import Synchronization
import System

/// Markers that end transactions.
extension PartitionLog {
    /// Appends a commit or abort marker for the producer's transaction. Not durable on return: see `append`.
    public func appendMarker(
        producerID: Int64,
        producerEpoch: Int16,
        commits: Bool,
        coordinatorEpoch: Int32
    ) throws(LogError) -> Appended {
        var builder = RecordBatchBuilder(
            attributes: [.control, .transactional],
            producerID: producerID,
            producerEpoch: producerEpoch
        )
        var key = WireWriter()
        key.int16(0)
        key.int16((commits ? TransactionEnd.commit : .abort).rawValue)
        var value = WireWriter()
        value.int16(0)
        value.int32(coordinatorEpoch)
        builder.append(timestamp: context.clock.now.milliseconds, key: key.bytes[...], value: value.bytes[...])
        let batch: [UInt8]
        do throws(RecordBatchError) {
            batch = try builder.finish()
        } catch {
            throw .invalidRecord("\(error)")
        }
        return try append(batch, origin: .broker)
    }
}

/// How a transaction ended: the second number in the key of a control record.
public enum TransactionEnd: Int16, Sendable {
    /// Its records are as if they had never been.
    case abort = 0
    /// Its records count.
    case commit = 1

    /// Reads a record of a control batch; nil for markers of another kind.
    public init?(_ record: Record) {
        guard let key = record.key else { return nil }
        var reader = WireReader(Array(key))
        guard (try? reader.int16()) != nil, let type = try? reader.int16() else { return nil }
        self.init(rawValue: type)
    }
}

/// A producer as a partition knows it.
public struct ActiveProducer: Sendable, Equatable {
    /// Its id.
    public let id: Int64
    /// The newest epoch seen.
    public let epoch: Int16
    /// Sequence number of its last record; -1 when it has none.
    public let lastSequence: Int32
    /// Time of its last batch, milliseconds since 1970.
    public let lastTimestamp: Int64
    /// First offset of its open transaction.
    public let transactionStart: Int64?
}

extension PartitionLog {
    /// The producers that the log remembers, by id. Blocks when the log is not open; errors as for `open`.
    public func activeProducers() throws(LogError) -> [ActiveProducer] {
        try opened { $0.producers.entries }.sorted { $0.key < $1.key }.map { id, entry in
            ActiveProducer(
                id: id,
                epoch: entry.epoch,
                lastSequence: entry.batches.last?.lastSequence ?? -1,
                lastTimestamp: entry.lastTimestamp,
                transactionStart: entry.transactionStart
            )
        }
    }
}

extension ProducerTable {
    /// The transaction that a stored batch aborts, when it is an abort marker of an open one.
    func aborted(by header: RecordBatchHeader, _ bytes: ArraySlice<UInt8>) -> AbortedTransaction? {
        guard header.attributes.contains(.control), let start = entries[header.producerID]?.transactionStart else {
            return nil
        }
        guard var cursor = try? RecordCursor(Array(bytes)), let record = try? cursor.next(),
            TransactionEnd(record) == .abort
        else { return nil }
        return AbortedTransaction(
            producerID: header.producerID,
            firstOffset: start,
            lastOffset: header.lastOffset
        )
    }
}
