internal import Synchronization
internal import System
internal import Telemetry

/// One SQLite file of one service: a writer thread that commits in groups and a few threads that read.
///
/// A write has happened, durably, when `write` returns. Reads see what was committed before they began.
/// Every method may be called from any task or loop; none blocks the caller's thread.
public final class Database: Sendable {
    /// A read closure's time in nanoseconds; its query is interrupted then, since an open snapshot lets the WAL grow.
    public static let maximumReadNanoseconds: UInt64 = 5_000_000_000

    /// Where the file is and how much may wait for it.
    public struct Configuration: Sendable {
        /// The file; its folder must exist.
        public var path: String
        /// Threads that read, each with a connection (0.1 MB).
        public var readers = 2
        /// Calls that wait for the writer (of each priority), or for a reader, before more get `overloaded`.
        public var maximumQueued = 8192
        /// Told of a write closure that took longer than 50 ms, in nanoseconds, on the writer thread.
        public var slowWrite: @Sendable (_ nanoseconds: UInt64) -> Void = { _ in }
        /// Told of a checkpoint that failed; the next one tries again.
        public var checkpointFailed: @Sendable (DatabaseError) -> Void = { _ in }

        /// The defaults for a file.
        public init(path: String) {
            self.path = path
        }
    }

    private let writes: JobQueue<WriteJob>
    private let reads: JobQueue<@Sendable (Connection) -> Void>
    private let hooks: DatabaseHooks
    private let lock: FileLock
    /// The file.
    public let path: String
    private let threads: StoreThreads
    /// Idempotency keys whose first request is still at work in this process.
    public let idempotency = IdempotencyRegistry()

    /// Opens the file, or makes it, brings its schema up to date and starts the threads. Blocks: for the start of a
    /// process. Throws `alreadyServed`, `newerSchema` or what SQLite says.
    public static func open(_ configuration: Configuration, migrations: [Migration]) throws -> Database {
        let lock: FileLock
        do {
            lock = try FileLock(configuration.path + ".lock")
        } catch let error as SystemError where error.isLockHeld {
            throw DatabaseError(.alreadyServed, "another process serves \(configuration.path)")
        }
        let database = try Database(configuration, lock)
        try database.start(configuration, migrations)
        return database
    }

    private init(_ configuration: Configuration, _ lock: FileLock) throws {
        self.lock = lock
        self.path = configuration.path
        self.writes = try JobQueue(capacity: configuration.maximumQueued)
        self.reads = try JobQueue(capacity: configuration.maximumQueued)
        self.hooks = DatabaseHooks(configuration)
        self.threads = StoreThreads()
    }

    private func start(_ configuration: Configuration, _ migrations: [Migration]) throws {
        let (path, writes, reads, hooks) = (self.path, self.writes, self.reads, self.hooks)
        try threads.start(name: "db-writer") { ready in
            let connection = try Connection(path: path, mode: .writer)
            try Migrator(connection: connection, path: path).apply(migrations)
            ready()
            var writer = Writer(connection: connection, queue: writes, hooks: hooks)
            writer.run()
        }
        for _ in 0..<max(1, configuration.readers) {
            try threads.start(name: "db-reader") { ready in
                let connection = try Connection(path: path, mode: .reader)
                ready()
                while reads.wait(idleMilliseconds: nil) != .closed {
                    while let job = reads.take() { job(connection) }
                }
            }
        }
    }

    /// Runs `body` in a transaction and returns when it is durable. What `body` throws undoes its own changes and comes
    /// out here; `overloaded` means that too many calls wait. Not cancellable: a queued closure runs.
    @discardableResult
    public func write<Result: Sendable>(
        priority: WritePriority = .request,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Result
    ) async throws -> Result {
        let (receipt, trace) = (OutboxReceipt.current, TraceContext.current)
        return try await withCheckedThrowingContinuation { continuation in
            let job = WriteJob(
                run: { transaction in
                    do {
                        transaction.trace = trace
                        let result = try body(transaction)
                        let rows = receipt == nil ? [] : transaction.appendedRows
                        return WriteJob.Outcome(succeeded: true) { error in
                            if let error {
                                continuation.resume(throwing: error)
                            } else {
                                receipt?.note(rows)
                                continuation.resume(returning: result)
                            }
                        }
                    } catch {
                        return WriteJob.Outcome(succeeded: false) { _ in continuation.resume(throwing: error) }
                    }
                },
                fail: { error in continuation.resume(throwing: error) }
            )
            do {
                try writes.push(job, priority)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Runs `body` on a snapshot of the database, at most 5 s. Throws what `body` throws, `timeout` or `overloaded`.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        try await onReader { connection in
            try connection.limited(nanoseconds: Database.maximumReadNanoseconds) {
                try connection.execute("BEGIN")
                defer { if connection.isInTransaction { _ = try? connection.execute("COMMIT") } }
                return try body(connection)
            }
        }
    }

    private func onReader<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try reads.push(
                    { connection in continuation.resume(with: Swift.Result { try body(connection) }) },
                    .request
                )
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// How SQLite would run a statement, a line a step. A step that starts with `SCAN` reads a whole table or index.
    public func queryPlan(_ sql: SQL) async throws -> [String] {
        try await read { connection in
            try connection.rows("EXPLAIN QUERY PLAN \(sql)") { row in try row[3] as String }
        }
    }

    /// The plans of all statements that the writer and a reader have prepared so far, by the statement's text.
    public func preparedQueryPlans() async throws -> [String: [String]] {
        let written = try await write { $0.connection.preparedStatements }
        let texts = Set(try await read(\.preparedStatements) + written)
        var plans: [String: [String]] = [:]
        for text in texts where !text.hasPrefix("EXPLAIN") && !text.hasPrefix("PRAGMA") {
            var parts = SQL.StringInterpolation(literalCapacity: 0, interpolationCount: 0)
            parts.appendLiteral(text)
            parts.values = Array(repeating: .null, count: text.count { $0 == "?" })
            plans[text] = try await queryPlan(SQL(stringInterpolation: parts))
        }
        return plans
    }

    /// Writes a consistent copy to a new file; it must not exist.
    public func backup(to copy: String) async throws {
        try await onReader { connection in _ = try connection.execute("VACUUM INTO \(copy)") }
    }

    /// What SQLite finds wrong with the file; empty when it is sound. Reads all of it, at most 5 s.
    public func integrityProblems() async throws -> [String] {
        let lines = try await read { connection in
            try connection.rows("PRAGMA quick_check") { row in try row[0] as String }
        }
        return lines == ["ok"] ? [] : lines
    }

    /// Writes that wait for the writer thread: a metric.
    public var queuedWrites: Int { writes.count }

    var outboxTail: OutboxTail { hooks.outboxTail }

    /// Has `wake` called, on the writer thread, after each commit that appended to the outbox.
    public func onOutboxAppend(_ wake: @escaping @Sendable () -> Void) {
        hooks.addOutboxObserver(wake)
    }

    /// Finishes what is queued, refuses the rest with `closed`, checkpoints and ends the threads.
    public func close() async {
        reads.close()
        await threads.finished("db-reader")
        writes.close()
        await threads.finished("db-writer")
    }
}
