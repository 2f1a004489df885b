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
        if configuration.compacts {
            let keyless = try places(records) { $0.key == nil }
            guard keyless.isEmpty else { throw .missingKeys(keyless) }
        }
        if let codec = configuration.compression, codec != header.attributes.compression {
            records = try recompress(records, header, codec)
            header = try parse(records)
        }
        guard !header.attributes.contains(.logAppendTime) else {
            throw .invalidTimestamps(Array(0..<header.recordCount))
        }
        if configuration.usesLogAppendTime {
            records.setRecordBatchLogAppendTime(header: header, time: now)
            header = try parse(records)
        } else {
            try checkTimestamps(header, records)
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

    /// Kafka asks each record. The header's time is the latest: where no record can be too old, it stands for all.
    private func checkTimestamps(_ header: RecordBatchHeader, _ records: [UInt8]) throws(LogError) {
        let (late, isNeverLate) = now.addingReportingOverflow(configuration.timestampAfterMaximum)
        let (early, isNeverEarly) = now.subtractingReportingOverflow(configuration.timestampBeforeMaximum)
        if isNeverEarly || early < 0, isNeverLate || header.maxTimestamp <= late { return }
        let wrong = try places(records) { record in
            record.timestamp >= 0
                && (!isNeverLate && record.timestamp > late || !isNeverEarly && record.timestamp < early)
        }
        guard wrong.isEmpty else { throw .invalidTimestamps(wrong) }
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

    /// Where in the batch the records are that `isWrong` picks.
    private func places(_ records: [UInt8], _ isWrong: (Record) -> Bool) throws(LogError) -> [Int32] {
        var result: [Int32] = []
        do throws(RecordBatchError) {
            var cursor = try RecordCursor(records)
            var place: Int32 = 0
            while let record = try cursor.next() {
                if isWrong(record) { result.append(place) }
                place += 1
            }
        } catch {
            throw .corruptBatch
        }
        return result
    }
}

/// Who appends.
public enum AppendOrigin: Sendable {
    /// A client: all of Kafka's checks apply.
    case producer
    /// The broker itself: transaction markers, offsets, group metadata.
    case broker
}
