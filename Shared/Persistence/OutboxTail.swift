internal import Synchronization

/// The latest committed rows of an outbox in memory, so that the relay need not read from the file what was written a
/// moment ago. Told by the writer, after each commit, in the order of the rows' numbers. Any thread.
final class OutboxTail: Sendable {
    /// Rows, and bytes of payload, that are kept at most; older ones are in the file.
    static let maximumRows = 1024
    static let maximumBytes = 4 << 20

    private struct State {
        var rows: [OutboxRow] = []
        var bytes = 0
        /// Every row above this number is in `rows`; nil before the first commit.
        var start: Int64?

        mutating func drop(_ count: Int) {
            guard count > 0 else { return }
            start = rows[count - 1].id
            bytes -= rows[..<count].reduce(0) { $0 + ($1.payload?.count ?? 0) }
            rows.removeFirst(count)
        }
    }

    private let state = Mutex(State())

    /// Adds what a commit has made durable.
    func append(_ rows: [OutboxRow]) {
        guard let first = rows.first else { return }
        state.withLock { state in
            if state.start == nil { state.start = first.id - 1 }
            state.rows += rows
            state.bytes += rows.reduce(0) { $0 + ($1.payload?.count ?? 0) }
            var surplus = max(0, state.rows.count - Self.maximumRows)
            var bytes = state.bytes
            for (index, row) in state.rows.enumerated() where bytes > Self.maximumBytes {
                bytes -= row.payload?.count ?? 0
                surplus = max(surplus, index + 1)
            }
            state.drop(surplus)
        }
    }

    /// The rows above a number, in order, and forgets those up to it; nil when some of them are in the file only.
    func rows(after id: Int64, limit: Int) -> [OutboxRow]? {
        state.withLock { state in
            guard let start = state.start, id >= start else { return nil }
            state.drop(state.rows.prefix { $0.id <= id }.count)
            return Array(state.rows.prefix(limit))
        }
    }
}
