internal import CSQLite
internal import System

/// A connection inside the closure of a read or a write: queries. Belongs to the thread that runs the closure.
@safe
public final class Connection {
    /// What a connection may do.
    enum Mode {
        /// The one connection of a file that writes and checkpoints.
        case writer
        /// Reads only; never checkpoints.
        case reader
    }

    /// Prepared statements kept for another use; more than a service has, so only generated texts push any out.
    static let maximumCachedStatements = 256
    /// How long the writer waits for a foreign process that holds the file.
    static let busyTimeoutMilliseconds: Int32 = 2000
    /// Instructions of SQLite's machine between two looks at the clock.
    static let instructionsPerDeadlineCheck: Int32 = 20_000

    private let handle: OpaquePointer
    private var cache: [String: Statement] = [:]
    /// What SQLite's callbacks read and write; it needs an address that stays.
    private let callbacks: UnsafeMutablePointer<CallbackState>

    private struct CallbackState {
        /// When the present closure must have ended, in monotonic nanoseconds.
        var deadline: UInt64 = .max
        /// Pages in the WAL after the last commit.
        var walPages: Int32 = 0
    }

    /// Opens a file; blocks.
    init(path: String, mode: Mode) throws(DatabaseError) {
        var opened: OpaquePointer?
        let access = mode == .writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let error = unsafe DatabaseError(sqlite: code, "open \(path): \(Connection.lastMessage(of: opened))")
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe self.handle = handle
        unsafe callbacks = .allocate(capacity: 1)
        unsafe callbacks.initialize(to: CallbackState())
        _ = unsafe sqlite_set_defensive(handle)
        unsafe sqlite3_busy_timeout(handle, Connection.busyTimeoutMilliseconds)
        try configure(mode)
    }

    deinit {
        cache.removeAll()
        unsafe sqlite3_close_v2(handle)
        unsafe callbacks.deallocate()
    }

    /// Memory for pages that the writer has read or changed, taken as it is needed. SQLite's 2 MiB are fewer pages than a busy
    /// file changes all the time, so it reads them again for each transaction.
    private static let writerCacheKiB = 8192

    private func configure(_ mode: Mode) throws(DatabaseError) {
        try run(script: "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")
        guard mode == .writer else { return }
        try run(
            script: """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
                PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -\(Connection.writerCacheKiB)
                """
        )
        unsafe sqlite3_wal_hook(
            handle,
            { @Sendable context, _, _, pages in
                unsafe context?.assumingMemoryBound(to: CallbackState.self).pointee.walPages = pages
                return SQLITE_OK
            },
            callbacks
        )
    }

    /// Pages in the WAL, as of this connection's last commit.
    var walPages: Int {
        get { unsafe Int(callbacks.pointee.walPages) }
        set { unsafe callbacks.pointee.walPages = Int32(clamping: newValue) }
    }

    /// Every row of a query, decoded.
    public func rows<Element>(
        _ sql: SQL,
        _ decode: (borrowing Row) throws -> Element
    ) throws -> [Element] {
        try withStatement(sql) { statement in
            var elements: [Element] = []
            while try statement.step() { elements.append(try decode(Row(statement))) }
            return elements
        }
    }

    /// The first row of a query, decoded; nil when it has none.
    public func first<Element>(
        _ sql: SQL,
        _ decode: (borrowing Row) throws -> Element
    ) throws -> Element? {
        try withStatement(sql) { statement in
            try statement.step() ? try decode(Row(statement)) : nil
        }
    }

    /// The first column of the first row; nil when there is no row.
    public func value<Value: ColumnValue>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
        try first(sql) { row in try row[0] as Value }
    }

    /// Whether a query has a row.
    public func exists(_ sql: SQL) throws -> Bool {
        try withStatement(sql) { statement in try statement.step() }
    }

    /// Runs a statement and says how many rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        try withStatement(sql) { statement in
            while try statement.step() {}
            return unsafe Int(sqlite3_changes64(handle))
        }
    }

    /// Runs several statements without values.
    func run(script: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe DatabaseError(sqlite: code, Connection.lastMessage(of: handle)) }
    }

    /// Whether a transaction is open; SQLite ends one by itself when the disk is full or fails.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Moves what no reader still needs from the WAL into the file; says how many of its pages are there, of how many.
    func checkpoint() throws(DatabaseError) -> (moved: Int, total: Int) {
        var total: Int32 = 0
        var moved: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &total, &moved)
        guard code == SQLITE_OK else { throw unsafe DatabaseError(sqlite: code, Connection.lastMessage(of: handle)) }
        return (Int(max(moved, 0)), Int(max(total, 0)))
    }

    /// Runs `body` with a bound on its time: a query that passes it throws `timeout`.
    func limited<Result>(nanoseconds: UInt64, _ body: () throws -> Result) throws -> Result {
        unsafe callbacks.pointee.deadline = MonotonicClock.nanoseconds + nanoseconds
        unsafe sqlite3_progress_handler(
            handle,
            Connection.instructionsPerDeadlineCheck,
            { @Sendable context in
                guard let state = unsafe context?.assumingMemoryBound(to: CallbackState.self) else { return 0 }
                return unsafe MonotonicClock.nanoseconds > state.pointee.deadline ? 1 : 0
            },
            callbacks
        )
        defer { unsafe sqlite3_progress_handler(handle, 0, nil, nil) }
        return try body()
    }

    /// A kept statement, or while that is in use, by a query in whose closure this one runs, one of its own.
    private func statement(_ text: String) throws(DatabaseError) -> Statement {
        if let kept = cache[text], !kept.isInUse { return kept }
        let made = try unsafe Statement(text, on: handle)
        if cache.count >= Connection.maximumCachedStatements { cache.removeAll(keepingCapacity: true) }
        cache[text] = made
        return made
    }

    private func withStatement<Result>(_ sql: SQL, _ body: (Statement) throws -> Result) throws -> Result {
        let statement = try statement(sql.text)
        statement.isInUse = true
        defer {
            statement.reset()
            statement.isInUse = false
        }
        try statement.bind(sql.values)
        return try body(statement)
    }

    /// The statements that are prepared and not in use, for tests of their plans.
    var preparedStatements: [String] { cache.filter { !$0.value.isInUse }.keys.sorted() }

    static func lastMessage(of handle: OpaquePointer?) -> String {
        unsafe sqlite3_errmsg(handle).map { text in unsafe String(cString: text) } ?? "no memory"
    }
}
