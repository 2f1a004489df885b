import KafkaProtocol

/// What the log remembers of idempotent producers: for each its epoch and last five batches, so that a batch sent twice
/// is stored once (Kafka's ProducerStateManager; KIP-98).
struct ProducerTable: Sendable, Equatable {
    /// How many batches of a producer are remembered; clients keep at most this many in flight.
    static let retainedBatches = 5

    /// One remembered batch.
    struct Batch: Sendable, Equatable {
        let firstSequence: Int32
        let lastSequence: Int32
        let firstOffset: Int64
        let lastOffset: Int64
        let timestamp: Int64
    }

    /// One producer.
    struct Entry: Sendable, Equatable {
        var epoch: Int16
        var batches: [Batch]
        var lastTimestamp: Int64
        /// First offset of its open transaction.
        var transactionStart: Int64?
    }

    private(set) var entries: [Int64: Entry] = [:]
    /// First offsets of the open transactions, by producer: few among many entries.
    private(set) var openTransactions: [Int64: Int64] = [:]

    /// Refuses what an older instance of the producer sends.
    func checkEpoch(_ producer: ProducerBatch) throws(LogError) {
        if let entry = entries[producer.id], producer.epoch < entry.epoch { throw .invalidProducerEpoch }
    }

    /// Checks an append; the remembered batch when this one is a duplicate of it, nil when it is new.
    func check(_ producer: ProducerBatch) throws(LogError) -> Batch? {
        try checkEpoch(producer)
        guard let entry = entries[producer.id] else { return nil }
        if producer.epoch > entry.epoch {
            guard producer.firstSequence == 0 else { throw .outOfOrderSequence }
            return nil
        }
        let duplicate = entry.batches.last {
            $0.firstSequence == producer.firstSequence && $0.lastSequence == producer.lastSequence
        }
        if let duplicate { return duplicate }
        let last = entry.batches.last?.lastSequence ?? -1
        let next = last == .max ? 0 : last + 1
        guard producer.firstSequence == next else { throw .outOfOrderSequence }
        return nil
    }

    /// Records an appended batch.
    mutating func record(_ producer: ProducerBatch, as batch: Batch) {
        var entry = entries[producer.id] ?? Entry(epoch: producer.epoch, batches: [], lastTimestamp: batch.timestamp)
        if producer.epoch != entry.epoch {
            entry.epoch = producer.epoch
            entry.batches.removeAll()
        }
        if entry.batches.count == Self.retainedBatches { entry.batches.removeFirst() }
        entry.batches.append(batch)
        entry.lastTimestamp = batch.timestamp
        if producer.isTransactional, entry.transactionStart == nil { entry.transactionStart = batch.firstOffset }
        set(entry, for: producer.id)
    }

    /// Ends the producer's transaction: a control batch was appended.
    mutating func endTransaction(id: Int64, epoch: Int16, timestamp: Int64) {
        var entry = entries[id] ?? Entry(epoch: epoch, batches: [], lastTimestamp: timestamp)
        if epoch > entry.epoch {
            entry.epoch = epoch
            entry.batches.removeAll()
        }
        entry.transactionStart = nil
        entry.lastTimestamp = timestamp
        set(entry, for: id)
    }

    private mutating func set(_ entry: Entry?, for id: Int64) {
        entries[id] = entry
        openTransactions[id] = entry?.transactionStart
    }

    /// The first offset of the earliest open transaction.
    var firstOpenTransaction: Int64? { openTransactions.values.min() }

    /// Puts back what was known of a producer before its batch.
    mutating func restore(_ entry: Entry?, for id: Int64) { set(entry, for: id) }

    /// Forgets producers silent since before `time` that have no open transaction.
    mutating func expire(before time: Int64) {
        entries = entries.filter { $0.value.lastTimestamp >= time || $0.value.transactionStart != nil }
    }

    init() {}

    init(_ entries: [Int64: Entry]) {
        self.entries = entries
        openTransactions = entries.compactMapValues(\.transactionStart)
    }
}

/// The producer's side of a batch header.
struct ProducerBatch: Sendable, Equatable {
    let id: Int64
    let epoch: Int16
    let firstSequence: Int32
    let lastSequence: Int32
    let isTransactional: Bool
}
