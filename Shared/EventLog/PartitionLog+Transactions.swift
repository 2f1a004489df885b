import KafkaProtocol
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
        key.int16(commits ? ControlType.commit : ControlType.abort)
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

/// The second number in the key of a control record.
enum ControlType {
    static let abort: Int16 = 0
    static let commit: Int16 = 1
}

extension ProducerTable {
    /// The transaction that a stored batch aborts, when it is an abort marker of an open one.
    func aborted(by header: RecordBatchHeader, _ bytes: ArraySlice<UInt8>) -> AbortedTransaction? {
        guard header.attributes.contains(.control), let start = entries[header.producerID]?.transactionStart else {
            return nil
        }
        guard var cursor = try? RecordCursor(Array(bytes)), let key = try? cursor.next()?.key, key.count >= 4,
            key[key.startIndex + 2] == 0, key[key.startIndex + 3] == UInt8(ControlType.abort)
        else { return nil }
        return AbortedTransaction(
            producerID: header.producerID,
            firstOffset: start,
            lastOffset: header.lastOffset
        )
    }
}
