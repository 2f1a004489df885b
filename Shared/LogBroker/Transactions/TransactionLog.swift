import EventLog
import KafkaProtocol
import Synchronization
import Telemetry

/// Transactions on disk: the one partition of `__transaction_state`; the last record of an id tells all of it.
struct TransactionLog: Sendable {
    private let log: StateLog

    /// Opens the topic, made when missing. Blocks.
    init(store: LogStore) throws { log = try StateLog(topic: InternalTopic.transactions, store: store) }

    /// What is known of each id. Blocks.
    func read(logger: Logger) throws -> [String: Transaction] {
        var transactions: [String: Transaction] = [:]
        try log.replay(logger: logger) { _, record in
            if let record = try TransactionRecord(record) { transactions[record.id] = record.transaction }
        }
        return transactions
    }

    /// Appends a record. Errors: as `PartitionLog.append`.
    func append(_ record: TransactionRecord, now: Int64) throws(LogError) -> PartitionLog.Appended {
        try log.append([(record.key, record.value)], now: now)
    }

    /// Calls `body` when what was appended is durable or will not be.
    func whenDurable(
        _ appended: PartitionLog.Appended,
        _ body: @escaping @Sendable (Result<Int64, LogError>) -> Void
    ) {
        log.whenDurable(appended, body)
    }
}

/// What is kept in memory of a transactional id. The lock is held while a batch of the transaction is appended, so no
/// batch can come after the decision to end it.
final class TransactionEntry: Sendable {
    struct State: Sendable {
        /// What is durable.
        var current: Transaction
        /// What is being made durable; meanwhile other requests are told to ask again.
        var pending: Transaction?
        /// When an open transaction is aborted: nanoseconds of the monotonic clock.
        var deadline: UInt64 = 0
        /// Markers are under way.
        var isWritingMarkers = false
        /// The id is no longer known; who holds the entry asks again.
        var isForgotten = false
    }

    let state: Mutex<State>

    init(_ transaction: Transaction, deadline: UInt64 = 0) {
        state = Mutex(State(current: transaction, deadline: deadline))
    }

    var current: Transaction { state.withLock { $0.current } }
}
