import KafkaProtocol
import Synchronization
public import System

/// One partition: an append-only sequence of record batches in segment files.
///
/// An append is in memory and ordered when `append` returns, and durable when `whenDurable` says so; readers see only
/// what is durable. On an open log `append`, `read`, `bounds` and `whenDurable` neither block nor suspend and may be called
/// on an event loop; what touches the disk says so. A log that is not open opens itself at its first use, which blocks: ask
/// `isOpen`, or `isKnown` where offsets are enough, and `open` it on a read thread before. Any thread may call anything.
public final class PartitionLog: Sendable {
    /// The topic's name.
    public let topic: String
    /// The topic's id.
    public let topicID: Identifier
    /// Number of the partition in its topic.
    public let index: Int32
    let context: LogContext
    let state: Mutex<PartitionState>
    /// Held while compaction writes into the directory.
    let cleaning = Mutex<Void>(())
    /// Held while the log is being opened.
    let opening = Mutex<Void>(())

    /// A log that is closed: its files are opened at its first use.
    init(topic: Topic, index: Int32, context: LogContext, state: PartitionState) {
        self.topic = topic.name
        topicID = topic.id
        self.index = index
        self.context = context
        self.state = Mutex(state)
        context.backlog.addLog()
    }

    deinit { context.backlog.removeLog() }

    /// What an append was given.
    public struct Appended: Sendable, Equatable {
        /// Offset of the first record.
        public let baseOffset: Int64
        /// Offset of the last record: durable once the durable end is above it.
        public let lastOffset: Int64
        /// The broker's time in milliseconds where the topic uses `LogAppendTime`, else -1.
        public let logAppendTime: Int64
        /// First offset of the log.
        public let logStartOffset: Int64
        /// The batch had been stored before; the offsets are those of then.
        public let isDuplicate: Bool
        /// How often the log had gone back to its durable end (a full disk) by then.
        let rollbacks: Int
    }

    /// The offsets that bound the log.
    public struct Bounds: Sendable, Equatable {
        /// First offset that can be read.
        public let start: Int64
        /// High watermark: the offset after the last durable record.
        public let durableEnd: Int64
        /// Last stable offset: the end for readers of committed records.
        public let stableEnd: Int64
        /// The offset that the next record gets.
        public let end: Int64
    }

    /// The offsets that bound the log. Blocks where `isKnown` is false; when the log cannot be opened then, they are those
    /// of the last stop.
    public var bounds: Bounds {
        // Why it cannot be opened is logged, and whoever uses it is told.
        if !isKnown { try? open() }
        return lastBounds
    }

    /// The epoch in which this process appends; it rises with each start.
    public var leaderEpoch: Int32 { context.leaderEpoch }

    /// The topic's settings as they apply here.
    public var configuration: TopicConfiguration { state.withLock { $0.configuration } }

    /// Stores one record batch of format 2. The bytes are taken over: offset and leader epoch are set in place.
    ///
    /// It is ordered but not yet durable: answer the producer after `whenDurable` of what this returns.
    public func append(
        _ records: consuming [UInt8],
        origin: AppendOrigin = .producer
    ) throws(LogError) -> Appended {
        let configuration = self.configuration
        let now = context.clock.now.milliseconds
        let header = try BatchValidator(configuration: configuration, now: now).validate(&records, origin: origin)
        let (appended, submits) = try store(records, header, origin: origin, configuration: configuration, now: now)
        if submits { context.commitPath.submit(self) }
        return appended
    }

    private func store(
        _ records: consuming [UInt8],
        _ header: RecordBatchHeader,
        origin: AppendOrigin,
        configuration: TopicConfiguration,
        now: Int64
    ) throws(LogError) -> (Appended, Bool) {
        var records: [UInt8]? = records
        return try opened { state throws(LogError) in
            if let failure = state.failure { throw failure }
            state.lastUse = now
            let time = configuration.usesLogAppendTime ? now : -1
            if header.producerID >= 0, !header.attributes.contains(.control) {
                if let stored = try state.checkProducer(header, origin: origin) {
                    let known = Appended(
                        baseOffset: stored.firstOffset,
                        lastOffset: stored.lastOffset,
                        logAppendTime: configuration.usesLogAppendTime ? stored.timestamp : -1,
                        logStartOffset: state.logStart,
                        isDuplicate: true,
                        rollbacks: state.rollbacks
                    )
                    return (known, false)
                }
            }
            let base = state.nextOffset
            // Moved out first, so that the offset is written into the caller's array and not into a copy.
            guard let bytes = records.take() else { throw .closed }
            state.append(bytes, header: header, epoch: context.leaderEpoch)
            let submits = !state.isSubmitted
            state.isSubmitted = true
            let appended = Appended(
                baseOffset: base,
                lastOffset: state.nextOffset - 1,
                logAppendTime: time,
                logStartOffset: state.logStart,
                isDuplicate: false,
                rollbacks: state.rollbacks
            )
            return (appended, submits)
        }
    }

    /// Calls `body` once when what was appended is durable, or with the error when it will not be: storageFull when
    /// the disk was full and it is gone, storageFailed, closed. Rules and result as for `whenDurable(upTo:)`.
    @discardableResult
    public func whenDurable(
        _ appended: Appended,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) -> UInt64? {
        wait(upTo: appended.lastOffset + 1, rollbacks: appended.rollbacks, body)
    }

    /// Calls `body` once when the durable end has reached `offset`, with the durable end, or with the error when the
    /// wait is over without that. For fetches that wait for more: `bounds.durableEnd + 1`.
    ///
    /// `body` runs at once on this thread when the offset is durable already, else on the commit thread: it must only
    /// hand on. Returns an id for `cancel`, nil when `body` has run.
    @discardableResult
    public func whenDurable(
        upTo offset: Int64,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) -> UInt64? {
        wait(upTo: offset, rollbacks: nil, body)
    }

    private func wait(
        upTo offset: Int64,
        rollbacks: Int?,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) -> UInt64? {
        let (id, result): (UInt64?, Result<Int64, LogError>?) = state.withLock { state in
            // After a rollback the offset may belong to another batch.
            if let rollbacks, rollbacks != state.rollbacks { return (nil, .failure(.storageFull)) }
            if state.durableEnd >= offset { return (nil, .success(state.durableEnd)) }
            if let failure = state.failure { return (nil, .failure(failure)) }
            state.nextWaiter += 1
            state.waiters.append(.init(id: state.nextWaiter, target: offset, body: body))
            return (state.nextWaiter, nil)
        }
        if let result { body(result) }
        return id
    }

    /// Forgets a waiter; its closure may still run when it is being called at this moment.
    public func cancel(_ waiter: UInt64) {
        state.withLock { state in state.waiters.removeAll { $0.id == waiter } }
    }

    /// Batches from the one that holds `offset` on: at least one if there is any, beyond that at most `maxBytes`.
    ///
    /// Nil when they are not in memory: then `readFromDisk`. Empty at the end. `committedOnly` stops at the last stable
    /// offset. Errors: offsetOutOfRange.
    public func read(
        from offset: Int64,
        maxBytes: Int,
        committedOnly: Bool = false
    ) throws(LogError) -> FetchedRecords? {
        try state.withLock { state throws(LogError) in
            guard state.isKnown else { return nil }
            guard offset >= state.logStart, offset <= state.nextOffset else { throw .offsetOutOfRange }
            let end = committedOnly ? state.stableEnd : state.durableEnd
            if offset >= end { return FetchedRecords() }
            return state.tail.read(from: offset, below: end, maxBytes: maxBytes)
        }
    }

    /// The aborted transactions that a reader of `range` has to skip. Who has read something does not block here.
    public func abortedTransactions(in range: Range<Int64>) -> [AbortedTransaction] {
        // Why it cannot be opened is logged, and whoever reads records is told.
        if state.withLock({ !$0.isOpen && !$0.rest.wasOpen }) { try? open() }
        return state.withLock { $0.aborted.overlapping(range) }
    }

    /// The greatest epoch not above `epoch` and the offset where it ended (OffsetForLeaderEpoch); nil when unknown.
    /// Blocks when the log is not open; errors as for `open`.
    public func end(ofEpoch epoch: Int32) throws(LogError) -> (epoch: Int32, endOffset: Int64)? {
        try opened { $0.epochs.end(of: epoch, logEnd: $0.durableEnd) }
    }

    /// Takes no more appends and lets every waiter go with `error`.
    func close(_ error: LogError) {
        let waiters = state.withLock { state in
            if state.failure == nil { state.failure = error }
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.body(.failure(error)) }
    }

    func path(_ offset: Int64, _ suffix: String) -> String {
        "\(directory)/\(SegmentName.file(offset, suffix))"
    }
}

extension PartitionState {
    /// Idempotence and transactions: the stored batch when this one is a duplicate.
    func checkProducer(
        _ header: RecordBatchHeader,
        origin: AppendOrigin
    ) throws(LogError) -> ProducerTable.Batch? {
        let producer = ProducerBatch(header)
        if origin == .broker {
            // Offsets in a producer's name have no sequence numbers, but none older than its epoch may come.
            try producers.checkEpoch(producer)
            return nil
        }
        if let duplicate = try producers.check(producer) { return duplicate }
        let isOpen = producers.entries[producer.id]?.transactionStart != nil
        guard producer.isTransactional || !isOpen else { throw .invalidTransactionState }
        return nil
    }
}
