import EventBus
import Persistence
import System

extension AnalyticsStore {
    /// The tables whose rows belong to a generation.
    static let generational = [
        "points", "sketches", "standing", "showtimes", "counted", "reconciled", "seen", "freshness",
    ]
    /// Those that two generations at the same place are compared by, with what is left out: rows without effect, and
    /// minutes that are no longer kept, which one may have and the other not.
    fileprivate static func compared(minutesFrom oldest: Int64) -> [(table: String, columns: String, condition: SQL)] {
        let minutes: SQL = "AND (span != \(Span.minute.rawValue) OR start >= \(oldest))"
        return [
            ("points", "series, span, start, key, value", "AND value != 0 \(minutes)"),
            ("sketches", "series, span, start, key, sketch", minutes),
            ("standing", "id, time, quantity, amount", ""),
            ("counted", "subject, what, value", ""),
            ("reconciled", "subject, kind, partition, log_offset, reported, counted, drift", ""),
        ]
    }
}

extension Transaction {
    borrowing func insert(_ rebuild: Rebuild) throws {
        try execute(
            """
            INSERT INTO rebuilds (id, generation, state, records, total, started_at)
            VALUES (\(rebuild.id), \(rebuild.generation), \(rebuild.state), 0, 0, \(rebuild.startedAt))
            """
        )
        try execute("INSERT OR IGNORE INTO generations (number, is_live) VALUES (\(rebuild.generation), 0)")
    }

    /// A rebuild that broke off may have left rows of the number.
    borrowing func clearLeftovers(of generation: Int64) throws {
        for table in AnalyticsStore.generational {
            try execute("\(SQL(stringLiteral: "DELETE FROM \(table)")) WHERE generation = \(generation)")
        }
        try forgetPlaces(of: generation)
    }

    /// Shows a generation and no other.
    borrowing func show(_ rebuild: Rebuild, differences: Int64?, at now: Timestamp) throws {
        try execute("UPDATE generations SET is_live = 0 WHERE number < \(rebuild.generation)")
        try execute("UPDATE generations SET is_live = 1 WHERE number = \(rebuild.generation)")
        let records = try connection.records(of: rebuild.generation)
        try execute(
            """
            UPDATE rebuilds SET state = 'done', records = \(records), total = \(records), differences = \(differences),
            finished_at = \(now) WHERE id = \(rebuild.id)
            """
        )
    }

    borrowing func finish(_ rebuild: Rebuild, error: String, at now: Timestamp) throws {
        try execute(
            """
            UPDATE rebuilds SET state = 'failed', error = \(String(error.prefix(500))), finished_at = \(now)
            WHERE id = \(rebuild.id)
            """
        )
    }

    /// A rebuild does not outlive its process.
    borrowing func failUnfinished() throws {
        try execute("UPDATE rebuilds SET state = 'failed', error = 'the service was restarted' WHERE state = 'running'")
    }

    /// Removes some rows of a generation; says how many.
    borrowing func removeRows(of generation: Int64, limit: Int) throws -> Int {
        for table in AnalyticsStore.generational {
            let delete = SQL(stringLiteral: "DELETE FROM \(table)")
            let removed = try execute("\(delete) WHERE generation = \(generation) LIMIT \(limit)")
            if removed > 0 { return removed }
        }
        return 0
    }

    borrowing func forget(_ generation: Int64) throws {
        try forgetPlaces(of: generation)
        try execute("DELETE FROM generations WHERE number = \(generation)")
    }

    private borrowing func forgetPlaces(of generation: Int64) throws {
        let places = AnalyticsEvents.places(of: generation)
        try execute("DELETE FROM consumer_offsets WHERE group_name = \(places)")
        try execute("DELETE FROM applied_positions WHERE group_name = \(places)")
    }
}

extension Connection {
    /// All generations that have rows, or had.
    func generations() throws -> [Int64] {
        try rows("SELECT number FROM generations WHERE number > 0 ORDER BY number") { row in try row[0] }
    }

    /// Records that a generation has applied.
    func records(of generation: Int64) throws -> Int64 {
        try value(
            "SELECT sum(next_offset) FROM consumer_offsets WHERE group_name = \(AnalyticsEvents.places(of: generation))",
            as: Int64?.self
        ).flatMap(\.self) ?? 0
    }

    /// A rebuild; one that runs with its progress.
    func rebuild(_ id: Identifier) throws -> Rebuild? {
        try rebuilds("WHERE id = \(id)").first
    }

    /// The latest rebuilds, the last first.
    func rebuilds(before id: Identifier?, limit: Int) throws -> [Rebuild] {
        let last = id?.bytes ?? [UInt8](repeating: 255, count: 17)
        return try rebuilds("WHERE id < \(last) ORDER BY id DESC LIMIT \(limit)")
    }

    private func rebuilds(_ condition: SQL) throws -> [Rebuild] {
        try rows(
            """
            SELECT id, generation, state, records, total, differences, error, started_at, finished_at FROM rebuilds
            \(condition)
            """
        ) { row in
            Rebuild(
                id: try row[0],
                generation: try row[1],
                state: try row[2],
                records: try row[3],
                total: try row[4],
                differences: try row[5],
                error: try row[6],
                startedAt: try row[7],
                finishedAt: try row[8]
            )
        }.map { rebuild in
            guard rebuild.state == "running" else { return rebuild }
            var rebuild = rebuild
            rebuild.records = try records(of: rebuild.generation)
            rebuild.total = try records(of: try liveGeneration())
            return rebuild
        }
    }

    /// Whether a rebuild is told to run.
    func hasUnfinished() throws -> Bool {
        try exists("SELECT 1 FROM rebuilds INDEXED BY running WHERE state = 'running'")
    }

    /// Rows that are in one of two generations alone.
    func differences(_ left: Int64, _ right: Int64, minutesFrom oldest: Int64) throws -> Int64 {
        var sum: Int64 = 0
        for (table, columns, condition) in AnalyticsStore.compared(minutesFrom: oldest) {
            func rows(_ generation: Int64) -> SQL {
                let select = SQL(stringLiteral: "SELECT \(columns) FROM \(table)")
                return "\(select) WHERE generation = \(generation) \(condition)"
            }
            for (one, other) in [(left, right), (right, left)] {
                sum += try value("SELECT count(*) FROM (\(rows(one)) EXCEPT \(rows(other)))") ?? 0
            }
        }
        return sum
    }
}
