import KafkaProtocol

/// Everything of a partition that changes, under the partition's mutex. Pure: it does no I/O.
///
/// ```
///   logStart <= segments[0].baseOffset ... durableEnd <= nextOffset
///        |------ on disk -------|------------|
///                     |----- tail: in memory ----|
/// ```
/// Invariant: a batch at or after `durableEnd` is in the tail; readers see nothing of it.
///
/// A closed log (`PartitionLog+Open`) has no segments here, no tail and no producers, and nothing after `durableEnd`.
struct PartitionState: Sendable {
    var configuration: TopicConfiguration
    /// Ascending; empty while the log is closed. The last is the active one.
    var segments: [Segment]
    var logStart: Int64
    /// The offset the next record gets.
    var nextOffset: Int64
    /// The high watermark: everything before it survives a crash.
    var durableEnd: Int64
    var tail = LogTail()
    var producers = ProducerTable()
    var epochs = LeaderEpochs()
    /// The epochs have entries that their file has not.
    var epochsChanged = false
    var aborted = AbortedTransactions()
    var waiters: [Waiter] = []
    var rollbacks = 0
    var nextWaiter: UInt64 = 0
    /// Compaction has been through everything before.
    var cleanedEnd: Int64 = 0
    /// How often compaction has changed the segments since the start.
    var swaps = 0
    /// Compaction has met damage: the log is left as it is.
    var isUncleanable = false
    /// The commit path has been told of this partition and has not come by yet.
    var isSubmitted = false
    /// Why it takes no appends any more.
    var failure: LogError?
    /// The state to go back to when the disk is full: that of `durableEnd`.
    var durableMark: Mark
    private var undo: [Undo] = []
    /// Bytes appended since the producers were written to disk.
    var bytesSinceSnapshot = 0
    /// The offsets of the producers' snapshots on disk, ascending.
    var snapshots: [Int64] = []
    /// Side files lack something that the next opening would have to find out by reading batches.
    var isUnsettled = true
    /// What a closed log was like.
    var rest = Rest()
    /// Compaction is at work on it.
    var isCompacted = false
    /// It stays open.
    var isKept = false
    /// When it was last used, milliseconds since 1970.
    var lastUse: Int64 = 0

    /// Someone who waits for the durable end to reach `target`.
    struct Waiter: Sendable {
        let id: UInt64
        let target: Int64
        let body: @Sendable (Result<Int64, LogError>) -> Void
    }

    /// Where the log stood at some offset.
    struct Mark: Sendable {
        let offset: Int64
        let active: Segment.Mark
        let aborted: AbortedTransactions
    }

    private struct Undo: Sendable {
        let offset: Int64
        let producer: Int64
        let entry: ProducerTable.Entry?
    }

    init(configuration: TopicConfiguration, segments: [Segment], logStart: Int64, nextOffset: Int64) {
        self.configuration = configuration
        self.segments = segments
        self.logStart = logStart
        self.nextOffset = nextOffset
        durableEnd = nextOffset
        durableMark = Mark(
            offset: nextOffset,
            active: Segment.Mark(segments[segments.count - 1]),
            aborted: AbortedTransactions()
        )
    }

    var active: Segment {
        get { segments[segments.count - 1] }
        set { segments[segments.count - 1] = newValue }
    }

    /// The end for read_committed: the first offset of the earliest open transaction, or the high watermark.
    var stableEnd: Int64 {
        guard let first = producers.firstOpenTransaction else { return durableEnd }
        // The transaction may have begun with records that are deleted by now.
        return min(durableEnd, max(first, logStart))
    }

    var producerSnapshot: ProducerSnapshot {
        ProducerSnapshot(offset: nextOffset, producers: producers, aborted: aborted)
    }

    var mark: Mark {
        Mark(offset: nextOffset, active: Segment.Mark(active), aborted: aborted)
    }

    /// Stores a checked batch at the end of the log; its offset is assigned here.
    mutating func append(_ batch: consuming [UInt8], header: RecordBatchHeader, epoch: Int32) {
        var bytes = batch
        rollIfNeeded(batchSize: bytes.count, header: header)
        let base = nextOffset
        let last = base + Int64(header.lastOffsetDelta)
        bytes.setRecordBatch(baseOffset: base, leaderEpoch: epoch)
        if epochs.begin(epoch, at: base) { epochsChanged = true }
        recordProducer(of: header, base: base, last: last, bytes)
        tail.append(
            LogTail.Batch(
                bytes: bytes,
                baseOffset: base,
                lastOffset: last,
                segment: active.baseOffset,
                position: active.size
            )
        )
        active.append(
            lastOffset: last,
            maxTimestamp: header.maxTimestamp,
            size: header.totalSize,
            interval: configuration.indexIntervalBytes
        )
        bytesSinceSnapshot += header.totalSize
        isUnsettled = true
        nextOffset = last + 1
    }

    private mutating func rollIfNeeded(batchSize: Int, header: RecordBatchHeader) {
        let segment = active
        guard segment.size > 0 else { return }
        let isFull = segment.size + batchSize > configuration.segmentBytes
        let age = segment.firstTimestamp.map { header.maxTimestamp &- $0 } ?? 0
        let lastOffset = nextOffset + Int64(header.lastOffsetDelta)
        let overflows = lastOffset - segment.baseOffset > Int64(Int32.max)
        guard isFull || age > configuration.maximumSegmentAge || overflows else { return }
        active.finishIndex()
        segments.append(Segment(baseOffset: nextOffset))
    }

    private mutating func recordProducer(of header: RecordBatchHeader, base: Int64, last: Int64, _ bytes: [UInt8]) {
        guard header.producerID >= 0 else { return }
        var placed = header
        placed.baseOffset = base
        if let transaction = producers.aborted(by: placed, bytes[...]) { aborted.append(transaction) }
        undo.append(Undo(offset: base, producer: header.producerID, entry: producers.entries[header.producerID]))
        producers.apply(header, base: base, last: last)
    }

    /// Everything before `end` is durable now.
    mutating func advance(to end: Int64, mark: Mark) -> [Waiter] {
        durableEnd = max(durableEnd, end)
        durableMark = mark
        undo.removeAll { $0.offset < end }
        let ready = waiters.filter { $0.target <= durableEnd }
        if !ready.isEmpty { waiters.removeAll { $0.target <= durableEnd } }
        return ready
    }

    /// Back to the durable end: what was appended since could not be stored.
    mutating func rollBack() -> [Waiter] {
        for entry in undo.reversed() { producers.restore(entry.entry, for: entry.producer) }
        undo.removeAll()
        rollbacks += 1
        tail.remove(from: durableMark.offset)
        while segments.count > 1, active.baseOffset > durableMark.active.baseOffset { segments.removeLast() }
        active = durableMark.active.restore(active)
        aborted = durableMark.aborted
        nextOffset = durableMark.offset
        epochs.truncate(to: nextOffset)
        return takeWaiters()
    }

    mutating func takeWaiters() -> [Waiter] {
        defer { waiters.removeAll() }
        return waiters
    }

    /// Index of the segment that holds `offset`.
    func segmentIndex(for offset: Int64) -> Int {
        max(0, segments.partitioningIndex { $0.baseOffset > offset } - 1)
    }
}

extension ProducerTable {
    /// Takes over what a stored batch says of its producer.
    mutating func apply(_ header: RecordBatchHeader, base: Int64, last: Int64) {
        guard header.producerID >= 0 else { return }
        if header.attributes.contains(.control) {
            endTransaction(id: header.producerID, epoch: header.producerEpoch, timestamp: header.maxTimestamp)
            return
        }
        record(
            ProducerBatch(header),
            as: Batch(
                firstSequence: header.baseSequence,
                lastSequence: header.lastSequence,
                firstOffset: base,
                lastOffset: last,
                timestamp: header.maxTimestamp
            )
        )
    }
}

extension ProducerBatch {
    /// The producer's side of a batch header.
    init(_ header: RecordBatchHeader) {
        id = header.producerID
        epoch = header.producerEpoch
        firstSequence = header.baseSequence
        lastSequence = header.lastSequence
        isTransactional = header.attributes.contains(.transactional)
    }
}
