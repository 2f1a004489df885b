import Persistence
import System

/// A target's counter, and what its rows say, of one instant.
struct CountedTarget: Sendable {
    var count: Int64 = 0
    var version: Int64 = 0
    var rows = LikeLedger.Tally()
}

extension Connection {
    /// Targets with a counter or likes, in order of ids, after one of them: so many as a read has time for. Says the last one;
    /// nil when there are no more.
    func countedTargets(after last: Identifier?) throws -> (targets: [Identifier: CountedTarget], last: Identifier?) {
        let (maximumTargets, maximumRows) = (1000, 200_000)
        var counters = try rows(
            """
            SELECT target_id, count, version FROM counters WHERE target_id > \(last?.bytes ?? [])
            ORDER BY target_id LIMIT \(maximumTargets)
            """
        ) { (id: try $0[0] as Identifier, count: try $0[1] as Int64, version: try $0[2] as Int64) }
        let isLast = counters.count < maximumTargets
        var (total, kept) = (Int64(0), 0)
        while kept < counters.count, total < maximumRows {
            total += counters[kept].count
            kept += 1
        }
        let isWhole = kept == counters.count
        counters = Array(counters.prefix(kept))
        var targets: [Identifier: CountedTarget] = [:]
        for counter in counters {
            targets[counter.id] = CountedTarget(count: counter.count, version: counter.version)
        }
        let end = isLast && isWhole ? nil : counters.last?.id
        // By range, not by target: likes without a counter are found, too.
        let likes = try rows(
            """
            SELECT target_id, user_id FROM likes WHERE target_id > \(last?.bytes ?? [])
                AND target_id <= \(end?.bytes ?? [UInt8](repeating: 0xFF, count: 17))
            """
        ) { (target: try $0[0] as Identifier, user: try $0[1] as Identifier) }
        for like in likes { targets[like.target, default: CountedTarget()].rows.add(like.user) }
        return (targets, end)
    }

    /// Whether a target has a counter.
    func hasCounter(_ target: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM counters WHERE target_id = \(target)")
    }

    /// The number of the outbox's last row; 0 when it is empty.
    func lastOutboxRow() throws -> Int64 {
        try value("SELECT max(id) FROM outbox", as: Int64?.self)?.flatMap(\.self) ?? 0
    }

    /// Whether the outbox still has a row up to a number.
    func hasOutboxRow(upTo last: Int64) throws -> Bool {
        try exists("SELECT 1 FROM outbox WHERE id <= \(last) LIMIT 1")
    }
}
