public import Telemetry

/// The part of a group commit that belongs to one caller of `Database.write`, inside its closure.
///
/// Rules: it runs on the writer thread and holds up every other write, so at most 50 ms and no I/O; when the closure
/// throws, what it wrote is undone and nothing of it is published.
public struct Transaction: ~Copyable {
    /// For helpers that read and are shared with `Database.read`; sees what this transaction has written.
    public let connection: Connection
    private let effects: TransactionEffects

    init(connection: Connection, effects: TransactionEffects) {
        self.connection = connection
        self.effects = effects
    }

    /// Runs a statement (INSERT, UPDATE, DELETE) and says how many rows it changed.
    @discardableResult
    public borrowing func execute(_ sql: SQL) throws -> Int {
        try connection.execute(sql)
    }

    /// Every row of a query, or of a statement with RETURNING, decoded.
    public borrowing func rows<Element>(
        _ sql: SQL,
        _ decode: (borrowing Row) throws -> Element
    ) throws -> [Element] {
        try connection.rows(sql, decode)
    }

    /// The first row of a query, decoded; nil when it has none. A statement with RETURNING runs to its end.
    public borrowing func first<Element>(
        _ sql: SQL,
        _ decode: (borrowing Row) throws -> Element
    ) throws -> Element? {
        try connection.rows(sql, decode).first
    }

    /// The first column of the first row; nil when there is no row.
    public borrowing func value<Value: ColumnValue>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
        try first(sql) { row in try row[0] as Value }
    }

    /// Whether a query has a row.
    public borrowing func exists(_ sql: SQL) throws -> Bool {
        try connection.exists(sql)
    }

    /// Has `action` run on the writer thread once the transaction is durable, before its caller resumes; never when it
    /// is undone. It must be quick: wake something, count something.
    public borrowing func afterCommit(_ action: @escaping @Sendable () -> Void) {
        effects.actions.append(action)
    }

    /// The trace of the request or event that this is done for: what is published carries it on. That of the task that
    /// called `Database.write`, unless a consumer sets its event's.
    public var trace: TraceContext? {
        get { effects.trace }
        nonmutating set { effects.trace = newValue }
    }

    /// What this caller has appended to the outbox so far.
    public var appendedRows: [OutboxReceipt.Row] {
        effects.appendedRows.map { OutboxReceipt.Row(id: $0.id, topic: $0.topic, key: $0.aggregateID) }
    }

    borrowing func note(_ row: OutboxRow) {
        effects.appendedRows.append(row)
    }
}

/// What follows the commit of one caller's part.
final class TransactionEffects {
    var actions: [@Sendable () -> Void] = []
    var appendedRows: [OutboxRow] = []
    var trace: TraceContext?
}
