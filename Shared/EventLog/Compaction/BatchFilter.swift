import KafkaProtocol

/// Decides what compaction leaves of a batch (Kafka's LogCleaner, KIP-534). Pure; batches come in log order from the
/// log's start on.
///
/// Of each key the last record stays; a tombstone until its horizon, which is set when it is first met. Records of
/// aborted transactions go, and a transaction's marker goes when its horizon is over and nothing of the transaction was
/// met before it. What stays of a batch keeps its offsets, and an empty one stays for a live producer's last sequence.
struct BatchFilter {
    /// What is left of a batch.
    enum Outcome {
        case unchanged
        case replaced([UInt8])
        case removed
    }

    private let latest: LatestOffsets
    private let plan: CompactionPlan
    private let now: Int64
    /// Producers of whose present transaction some records were met.
    private var transactionsWithData: Set<Int64> = []
    /// Offsets of abort markers that went.
    private(set) var removedMarkers: Set<Int64> = []

    init(latest: LatestOffsets, plan: CompactionPlan, now: Int64) {
        self.latest = latest
        self.plan = plan
        self.now = now
    }

    /// What is to be stored instead of the batch at `bytes[start...]`. Errors: those of `RecordCursor`.
    mutating func filter(
        _ header: RecordBatchHeader,
        _ bytes: [UInt8],
        at start: Int
    ) throws(RecordBatchError) -> Outcome {
        if header.attributes.contains(.control) { return try filterMarker(header, bytes, at: start) }
        if header.attributes.contains(.transactional) {
            transactionsWithData.insert(header.producerID)
            if plan.isAborted(header) { return outcome(of: header, isEmpty: header.recordCount == 0) }
        }
        guard header.recordCount > 0 else { return outcome(of: header, isEmpty: true) }
        var cursor = try RecordCursor(bytes, at: start)
        var kept: [Record] = []
        while let record = try cursor.next() {
            if keeps(record, of: header) { kept.append(record) }
        }
        if kept.isEmpty { return outcome(of: header, isEmpty: false) }
        let setsHorizon = header.deleteHorizon == nil && kept.contains { $0.value == nil }
        guard setsHorizon || kept.count < Int(header.recordCount) else { return .unchanged }
        return .replaced(try rebuild(header, kept, horizon: setsHorizon ? newHorizon : header.deleteHorizon))
    }

    private var newHorizon: Int64 {
        let (horizon, overflows) = now.addingReportingOverflow(plan.configuration.deleteRetentionMilliseconds)
        return overflows ? .max : horizon
    }

    private func keeps(_ record: Record, of header: RecordBatchHeader) -> Bool {
        if record.offset >= latest.end { return true }
        // The topic took records without a key before it was compacted: they have no place in it.
        guard let key = record.key else { return false }
        if let last = latest[key], record.offset < last { return false }
        return record.value != nil || (header.deleteHorizon.map { now < $0 } ?? true)
    }

    private mutating func filterMarker(
        _ header: RecordBatchHeader,
        _ bytes: [UInt8],
        at start: Int
    ) throws(RecordBatchError) -> Outcome {
        let hasData = transactionsWithData.remove(header.producerID) != nil
        guard !hasData, header.lastOffset < latest.end else { return .unchanged }
        guard header.recordCount > 0 else { return outcome(of: header, isEmpty: true) }
        if let horizon = header.deleteHorizon {
            guard horizon <= now else { return .unchanged }
            removedMarkers.insert(header.lastOffset)
            return outcome(of: header, isEmpty: false)
        }
        var cursor = try RecordCursor(bytes, at: start)
        var records: [Record] = []
        while let record = try cursor.next() { records.append(record) }
        return .replaced(try rebuild(header, records, horizon: newHorizon))
    }

    /// Of a batch without records nothing is left, unless it tells a producer's last sequence.
    private func outcome(of header: RecordBatchHeader, isEmpty: Bool) -> Outcome {
        guard plan.isLast(header) else { return .removed }
        return isEmpty ? .unchanged : .replaced(header.emptyBatch)
    }

    private func rebuild(
        _ header: RecordBatchHeader,
        _ records: [Record],
        horizon: Int64?
    ) throws(RecordBatchError) -> [UInt8] {
        var builder = RecordBatchBuilder(
            baseOffset: header.baseOffset,
            leaderEpoch: header.leaderEpoch,
            compression: header.attributes.compression ?? .none,
            attributes: header.attributes.intersection([.logAppendTime, .transactional, .control]),
            producerID: header.producerID,
            producerEpoch: header.producerEpoch,
            baseSequence: header.baseSequence,
            deleteHorizon: horizon
        )
        for record in records {
            builder.append(
                timestamp: record.timestamp,
                key: record.key,
                value: record.value,
                headers: record.headers,
                offset: record.offset
            )
        }
        return try builder.finish(lastOffset: header.lastOffset)
    }
}
