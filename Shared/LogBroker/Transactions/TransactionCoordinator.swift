import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry

/// All transactional ids of the broker: their state machines, durable before anything is answered, the markers that end
/// transactions, and the end of those that last too long.
///
/// An end is decided when its `prepare…` record is durable; then the markers are written, and only when these are durable
/// the `complete…` record is. So a start after a crash finds what was decided and writes the markers again, which
/// changes nothing where they were written before. Any thread.
final class TransactionCoordinator: Sendable {
    /// Most transactional ids at a time.
    static let maximumTransactions = 100_000
    /// Most bytes of an id; what the protocol's oldest form of a text can hold.
    static let maximumIDLength = Int(Int16.max)
    /// An id without a transaction for this many milliseconds is forgotten (`transactional.id.expiration.ms`).
    static let expiration: Int64 = 7 * 86_400_000

    private struct State {
        var entries: [String: TransactionEntry] = [:]
        /// The ids whose transaction is open or being ended.
        var active: Set<String> = []
    }

    private let state = Mutex(State())
    private let producerIDs: ProducerIDs
    let log: TransactionLog
    let store: LogStore
    let groups: GroupCoordinator
    let logger: Logger
    let metrics: BrokerMetrics
    let clock: WallClock

    /// Reads the transactions and ends those whose end was decided. Blocks.
    init(
        store: LogStore,
        groups: GroupCoordinator,
        producerIDs: ProducerIDs,
        logger: Logger,
        metrics: BrokerMetrics,
        clock: WallClock = .system
    ) throws {
        self.store = store
        self.groups = groups
        self.producerIDs = producerIDs
        self.logger = logger
        self.metrics = metrics
        self.clock = clock
        log = try TransactionLog(store: store)
        let transactions = try log.read(logger: logger)
        let (wall, now) = (clock.now.milliseconds, MonotonicClock.nanoseconds)
        state.withLock { state in
            for (id, transaction) in transactions {
                let rest = min(
                    max(transaction.started + Int64(transaction.timeout) - wall, 0),
                    Int64(transaction.timeout)
                )
                state.entries[id] = TransactionEntry(transaction, deadline: now + UInt64(max(rest, 0)) * 1_000_000)
                if transaction.status == .ongoing || transaction.status.isPreparing { state.active.insert(id) }
            }
        }
        for entry in activeEntries { writeMarkers(entry) }
    }

    // MARK: Steps

    /// Gives a producer its id and an epoch that fences all before it; aborts a transaction that one of those left open.
    /// Errors: ErrorCode.
    func initialize(_ id: String, expected: ProducerIdentity?, timeout: Int32) async throws -> ProducerIdentity {
        guard !id.isEmpty, id.utf8.count <= Self.maximumIDLength else { throw ErrorCode.invalidRequest }
        guard Transaction.timeouts.contains(timeout) else { throw ErrorCode.invalidTransactionTimeout }
        let entry = try entry(making: id)
        let now = clock.now.milliseconds
        _ = try await step(entry) { current throws(ErrorCode) in try current.fenced(expected: expected, now: now) }
        return try await step(entry) { [producerIDs] current throws(ErrorCode) in
            try current.initialized(expected: expected, timeout: timeout, now: now, newID: producerIDs.next)
        }.producer
    }

    /// Adds partitions to the producer's transaction and opens it when none is. Errors: ErrorCode.
    func add(_ partitions: Set<TopicPartition>, to id: String, by producer: ProducerIdentity) async throws {
        let now = clock.now.milliseconds
        _ = try await step(try entry(id)) { current throws(ErrorCode) in
            try current.adding(partitions, by: producer, now: now)
        }
    }

    /// Commits or aborts the producer's transaction; returns when that is decided for good and, unless the disk is full,
    /// visible to readers. Errors: ErrorCode.
    func end(_ id: String, by producer: ProducerIdentity, commits: Bool) async throws {
        let now = clock.now.milliseconds
        _ = try await step(try entry(id)) { current throws(ErrorCode) in
            try current.ending(commits: commits, by: producer, now: now)
        }
    }

    /// Runs `body`, which appends to the partition, if the producer's open transaction has it; the transaction cannot
    /// be ended meanwhile. Errors: ErrorCode, and what `body` throws.
    func append<Value: Sendable>(
        to partition: TopicPartition,
        in id: String,
        by producer: ProducerIdentity,
        _ body: () throws(LogError) -> Value
    ) throws -> Value {
        try entry(id).state.withLock { state in
            guard state.pending == nil else { throw ErrorCode.concurrentTransactions }
            try state.current.verify(partition, by: producer)
            return try body()
        }
    }

    private func step(
        _ entry: TransactionEntry,
        _ next: (Transaction) throws(ErrorCode) -> Transaction?
    ) async throws -> Transaction {
        let waiter = Waiter<Transaction>()
        try store(entry, next) { result in waiter.resume(result.mapError { $0 }) }
        return try await waiter.wait()
    }

    /// Makes the next state durable; where that decides an end, the markers too. `done` is called once, on the commit
    /// thread or at once. Errors: what `next` throws, coordinatorNotAvailable.
    func store(
        _ entry: TransactionEntry,
        _ next: (Transaction) throws(ErrorCode) -> Transaction?,
        done: @escaping @Sendable (Result<Transaction, ErrorCode>) -> Void
    ) throws(ErrorCode) {
        let (current, appended) = try entry.state.withLock { state throws(ErrorCode) in
            guard state.pending == nil, !state.isForgotten else { throw .concurrentTransactions }
            guard let next = try next(state.current) else { return (state.current, PartitionLog.Appended?.none) }
            do throws(LogError) {
                let appended = try log.append(TransactionRecord(next), now: next.updated)
                state.pending = next
                return (next, appended)
            } catch {
                throw .coordinatorNotAvailable
            }
        }
        guard let appended else { return done(.success(current)) }
        log.whenDurable(appended) { [self] result in
            let isDurable = (try? result.get()) != nil
            settle(entry, isDurable: isDurable)
            guard isDurable else { return done(.failure(.coordinatorNotAvailable)) }
            guard current.status.isPreparing else { return done(.success(current)) }
            writeMarkers(entry) { done(.success(current)) }
        }
    }

    private func settle(_ entry: TransactionEntry, isDurable: Bool) {
        entry.state.withLock { state in
            guard let next = state.pending.take(), isDurable else { return }
            if next.status == .ongoing, state.current.status != .ongoing {
                state.deadline = MonotonicClock.nanoseconds + UInt64(next.timeout) * 1_000_000
            }
            state.current = next
            noteActivity(of: next)
        }
    }

    /// Called under the entry's lock: so the last call for an id tells the truth.
    func noteActivity(of transaction: Transaction) {
        let isActive = transaction.status == .ongoing || transaction.status.isPreparing
        state.withLock { state in
            if isActive { state.active.insert(transaction.id) } else { state.active.remove(transaction.id) }
        }
    }

    // MARK: Views

    /// A transaction by its id; nil when there is none.
    func transaction(_ id: String) -> Transaction? {
        let entry = state.withLock { $0.entries[id] }
        return entry.map(\.current).flatMap { $0.producer.epoch >= 0 ? $0 : nil }
    }

    /// All transactions, in no order.
    var all: [Transaction] {
        entries.map(\.current).filter { $0.producer.epoch >= 0 }
    }

    /// Those whose transaction is open or being ended.
    var activeEntries: [TransactionEntry] {
        state.withLock { state in state.active.compactMap { state.entries[$0] } }
    }

    /// All entries.
    var entries: [TransactionEntry] { state.withLock { Array($0.entries.values) } }

    /// Takes an id out whose entry is marked as forgotten.
    func remove(_ id: String) { state.withLock { $0.entries[id] = nil } }

    private func entry(_ id: String) throws -> TransactionEntry {
        guard let entry = state.withLock({ $0.entries[id] }) else { throw ErrorCode.invalidProducerIDMapping }
        return entry
    }

    private func entry(making id: String) throws -> TransactionEntry {
        let now = clock.now.milliseconds
        return try state.withLock { state in
            if let entry = state.entries[id] { return entry }
            guard state.entries.count < Self.maximumTransactions else { throw ErrorCode.policyViolation }
            let producer = ProducerIdentity(id: producerIDs.next(), epoch: -1)
            let entry = TransactionEntry(Transaction(id: id, producer: producer, timeout: 0, updated: now))
            state.entries[id] = entry
            return entry
        }
    }
}

/// Ids that no producer had before: the leader epoch rises with every start, so nothing needs to be stored.
final class ProducerIDs: Sendable {
    private let epoch: Int32
    private let count = Atomic<Int64>(0)

    init(leaderEpoch: Int32) { epoch = leaderEpoch }

    func next() -> Int64 { Int64(epoch) << 32 | count.add(1, ordering: .relaxed).newValue & 0xFFFF_FFFF }
}
