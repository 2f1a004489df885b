import KafkaProtocol

/// Who writes: the id that the broker gave, and how often it has been taken over since.
struct ProducerIdentity: Sendable, Hashable {
    var id: Int64
    /// -1 before the first use.
    var epoch: Int16
}

/// A transactional id with its producer and its present or last transaction (KIP-98, KIP-360): a pure state machine.
/// Each step takes a request and the time and returns what is to be stored; nothing changes before that is durable.
///
/// ```
///   empty ──add──▶ ongoing ──end──▶ prepareCommit ──markers──▶ completeCommit ─┐
///     ▲              ▲   └─end, fence, timeout─▶ prepareAbort ──markers──▶ completeAbort
///     └─ initialize ─┴──────────────── add or initialize ◀─────────────────────┘
/// ```
struct Transaction: Sendable, Equatable {
    /// Raw values are those of Kafka's `TransactionStatus`.
    enum Status: Int8, Sendable, CaseIterable {
        case empty = 0
        case ongoing = 1
        case prepareCommit = 2
        case prepareAbort = 3
        case completeCommit = 4
        case completeAbort = 5

        /// The name tools know the state by.
        var name: String {
            switch self {
            case .empty: "Empty"
            case .ongoing: "Ongoing"
            case .prepareCommit: "PrepareCommit"
            case .prepareAbort: "PrepareAbort"
            case .completeCommit: "CompleteCommit"
            case .completeAbort: "CompleteAbort"
            }
        }

        /// Whether the end is decided and the markers are being written.
        var isPreparing: Bool { self == .prepareCommit || self == .prepareAbort }
    }

    /// Milliseconds that a transaction may be allowed to last (`transaction.max.timeout.ms`).
    static let timeouts: ClosedRange<Int32> = 1...900_000
    /// From this epoch on a producer gets a new id: one more is needed to fence it.
    static let lastEpoch = Int16.max - 1

    let id: String
    var producer: ProducerIdentity
    /// The epoch before, for a request that is repeated because its answer was lost; -1 when there is none.
    var formerEpoch: Int16 = -1
    /// Milliseconds.
    var timeout: Int32
    var status = Status.empty
    /// What the transaction has written to, offsets of groups too.
    var partitions: Set<TopicPartition> = []
    /// Milliseconds since 1970.
    var started: Int64 = -1
    var updated: Int64

    /// The producer begins, or begins anew: it gets an epoch that fences all before it. `expected` is what it had, when
    /// it only wants another epoch of the same id. Errors: concurrentTransactions, producerFenced.
    func initialized(
        expected: ProducerIdentity?,
        timeout: Int32,
        now: Int64,
        newID: () -> Int64
    ) throws(ErrorCode) -> Transaction {
        try checkExpected(expected)
        guard status != .ongoing, !status.isPreparing else { throw .concurrentTransactions }
        var next = self
        next.status = .empty
        next.partitions = []
        next.timeout = timeout
        next.started = -1
        next.updated = now
        if producer.epoch >= Self.lastEpoch {
            next.producer = ProducerIdentity(id: newID(), epoch: 0)
            next.formerEpoch = -1
            return next
        }
        guard let expected, producer.epoch >= 0, expected.epoch != producer.epoch else {
            next.formerEpoch = expected == nil ? -1 : producer.epoch
            next.producer.epoch += 1
            return next
        }
        // The answer to an earlier try was lost: the same again.
        guard expected.epoch == formerEpoch else { throw .producerFenced }
        return next
    }

    /// An open transaction is to be aborted because its time is over or another producer begins: no epoch up to now may
    /// write again. Nil when none is open. Errors: producerFenced.
    func fenced(expected: ProducerIdentity? = nil, now: Int64) throws(ErrorCode) -> Transaction? {
        try checkExpected(expected)
        guard status == .ongoing else { return nil }
        var next = self
        next.status = .prepareAbort
        next.producer.epoch &+= 1
        next.formerEpoch = -1
        next.updated = now
        return next
    }

    /// The transaction will write to `added`; nil when that is known. Errors: invalidProducerIDMapping, producerFenced,
    /// concurrentTransactions.
    func adding(
        _ added: Set<TopicPartition>,
        by producer: ProducerIdentity,
        now: Int64
    ) throws(ErrorCode) -> Transaction? {
        try check(producer)
        guard !status.isPreparing else { throw .concurrentTransactions }
        if added.isSubset(of: status == .ongoing ? partitions : []) { return nil }
        var next = self
        if status != .ongoing {
            next.status = .ongoing
            next.partitions = []
            next.started = now
        }
        next.partitions.formUnion(added)
        next.updated = now
        return next
    }

    /// The producer commits or aborts; nil when it has done so before. Errors: invalidProducerIDMapping,
    /// producerFenced, concurrentTransactions, invalidTransactionState.
    func ending(commits: Bool, by producer: ProducerIdentity, now: Int64) throws(ErrorCode) -> Transaction? {
        try check(producer)
        switch status {
        case .ongoing: break
        case .completeCommit where commits, .completeAbort where !commits: return nil
        case .prepareCommit where commits, .prepareAbort where !commits: throw .concurrentTransactions
        default: throw .invalidTransactionState
        }
        var next = self
        next.status = commits ? .prepareCommit : .prepareAbort
        next.updated = now
        return next
    }

    /// All markers are durable.
    func completed(now: Int64) -> Transaction {
        var next = self
        next.status = status == .prepareCommit ? .completeCommit : .completeAbort
        next.partitions = []
        next.updated = now
        return next
    }

    /// Whether a batch of `producer` may be appended to the partition now. Errors: invalidProducerIDMapping,
    /// invalidProducerEpoch, invalidTransactionState.
    func verify(_ partition: TopicPartition, by producer: ProducerIdentity) throws(ErrorCode) {
        guard producer.id == self.producer.id else { throw .invalidProducerIDMapping }
        guard producer.epoch == self.producer.epoch else { throw .invalidProducerEpoch }
        guard status == .ongoing, partitions.contains(partition) else { throw .invalidTransactionState }
    }

    private func check(_ producer: ProducerIdentity) throws(ErrorCode) {
        guard producer.id == self.producer.id, self.producer.epoch >= 0 else { throw .invalidProducerIDMapping }
        guard producer.epoch == self.producer.epoch else { throw .producerFenced }
    }

    private func checkExpected(_ expected: ProducerIdentity?) throws(ErrorCode) {
        guard let expected, producer.epoch >= 0 else { return }
        guard expected.id == producer.id else { throw .producerFenced }
    }
}
