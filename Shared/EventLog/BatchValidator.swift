import KafkaProtocol

/// The checks of a batch before it is stored (Kafka's LogValidator), in Kafka's order.
struct BatchValidator {
    let configuration: TopicConfiguration
    let now: Int64

    /// The header of the one batch in `records`. With `LogAppendTime` the batch is changed to carry `now`.
    func validate(_ records: inout [UInt8], origin: AppendOrigin) throws(LogError) -> RecordBatchHeader {
        var header = try parse(records)
        guard records.count == header.totalSize else {
            throw .invalidRecord(records.count < header.totalSize ? "a part of a batch" : "more than one batch")
        }
        guard records.count <= configuration.maximumMessageBytes || origin == .broker else { throw .messageTooLarge }
        guard records.count <= configuration.segmentBytes else { throw .recordListTooLarge }
        do throws(RecordBatchError) {
            try header.verifyChecksum(records.span)
        } catch {
            throw .corruptBatch
        }
        if origin == .broker { return header }
        do throws(RecordBatchError) {
            try header.validateProduced()
        } catch {
            throw .invalidRecord("\(error)")
        }
        if configuration.compacts { try requireKeys(records) }
        if let codec = configuration.compression, codec != header.attributes.compression {
            records = try recompress(records, header, codec)
            header = try parse(records)
        }
        if configuration.usesLogAppendTime {
            records.setRecordBatchLogAppendTime(header: header, time: now)
            header = try parse(records)
        } else {
            try checkTimestamp(header)
        }
        return header
    }

    private func parse(_ records: [UInt8]) throws(LogError) -> RecordBatchHeader {
        do throws(RecordBatchError) {
            return try RecordBatchHeader(records.span)
        } catch .unsupportedMagic {
            throw .unsupportedFormat
        } catch .truncated {
            throw .invalidRecord("no whole batch")
        } catch {
            throw .corruptBatch
        }
    }

    /// The header's time stands for all records: Kafka asks the same of each of them.
    private func checkTimestamp(_ header: RecordBatchHeader) throws(LogError) {
        let time = header.maxTimestamp
        guard time >= 0 else { return }
        let (late, lateOverflows) = now.addingReportingOverflow(configuration.timestampAfterMaximum)
        let (early, earlyOverflows) = now.subtractingReportingOverflow(configuration.timestampBeforeMaximum)
        guard lateOverflows || time <= late, earlyOverflows || time >= early else { throw .invalidTimestamp }
    }

    private func recompress(
        _ records: [UInt8],
        _ header: RecordBatchHeader,
        _ codec: Compression
    ) throws(LogError) -> [UInt8] {
        let changed: [UInt8]
        do throws(RecordBatchError) {
            changed = try records.recompressedRecordBatch(header: header, to: codec)
        } catch {
            throw .corruptBatch
        }
        guard changed.count <= configuration.maximumMessageBytes else { throw .messageTooLarge }
        guard changed.count <= configuration.segmentBytes else { throw .recordListTooLarge }
        return changed
    }

    private func requireKeys(_ records: [UInt8]) throws(LogError) {
        var isKeyless = false
        do throws(RecordBatchError) {
            var cursor = try RecordCursor(records)
            while let record = try cursor.next() {
                isKeyless = isKeyless || record.key == nil
            }
        } catch {
            throw .corruptBatch
        }
        if isKeyless { throw .invalidRecord("a compacted topic needs keys") }
    }
}

/// Who appends.
public enum AppendOrigin: Sendable {
    /// A client: all of Kafka's checks apply.
    case producer
    /// The broker itself: transaction markers, offsets, group metadata.
    case broker
}
