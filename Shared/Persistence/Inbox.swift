public import System

extension Transaction {
    /// Notes that an event takes effect in this transaction; false when it has already, so the handler must do nothing.
    /// `source` and `id` are the event's `ce_source` and `ce_id`.
    public borrowing func insertIntoInbox(source: String, id: String, at time: Timestamp) throws -> Bool {
        try execute(
            "INSERT OR IGNORE INTO inbox (source, id, applied_at) VALUES (\(source), \(id), \(time))"
        ) == 1
    }

    /// Removes up to `limit` rows applied before `time` (offsets cover older events) and says how many went.
    @discardableResult
    public borrowing func pruneInbox(before time: Timestamp, limit: Int) throws -> Int {
        try execute(
            """
            DELETE FROM inbox WHERE (source, id) IN (SELECT source, id FROM inbox INDEXED BY inbox_by_time
            WHERE applied_at < \(time) ORDER BY applied_at LIMIT \(limit))
            """
        )
    }
}

extension Connection {
    /// Whether an event has taken effect within the time that rows are kept.
    public func isInInbox(source: String, id: String) throws -> Bool {
        try exists("SELECT 1 FROM inbox WHERE source = \(source) AND id = \(id)")
    }
}

/// What a service has applied of others' events.
public enum Inbox {
    /// How long rows are kept: 7 days.
    public static let retentionSeconds: Int64 = 7 * 86_400

    static let schema = """
        CREATE TABLE IF NOT EXISTS inbox (
            source TEXT NOT NULL,
            id TEXT NOT NULL,
            applied_at INTEGER NOT NULL,
            PRIMARY KEY (source, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS inbox_by_time ON inbox (applied_at);

        """
}
