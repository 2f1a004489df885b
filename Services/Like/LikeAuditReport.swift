import System

/// What an audit found: `drift` is how many targets are not what they should be, and must be 0.
struct LikeAuditReport: Sendable, Encodable {
    /// Targets named at most; `drift` counts all.
    static let maximumProblems = 100

    /// A target whose counter, rows and log do not agree.
    struct Drift: Sendable, Encodable, Equatable {
        let targetID: Identifier
        let counter: Int64
        let rows: Int64
        let log: Int64
        let detail: String

        enum CodingKeys: String, CodingKey {
            case targetID = "target_id"
            case counter, rows, log, detail
        }
    }

    let targets: Int
    let likes: Int64
    /// Changes in the log that were replayed, and how many of them were there twice.
    let events: Int
    let repeats: Int
    /// How far the log was read: the next offset of each partition.
    let position: [String: Int64]
    let drift: Int
    let problems: [Drift]

    init(
        _ counted: [Identifier: CountedTarget],
        _ ledger: LikeLedger,
        lost: [Identifier],
        _ position: [String: Int64]
    ) {
        var problems = lost.map { Drift(targetID: $0, counter: 0, rows: 0, log: 0, detail: "only the log knows it") }
        for (id, target) in counted {
            guard let detail = Self.problem(id, target, ledger) else { continue }
            let log = ledger.tallies[id]?.count ?? 0
            problems.append(
                Drift(targetID: id, counter: target.count, rows: target.rows.count, log: log, detail: detail)
            )
        }
        problems.sort { $0.targetID < $1.targetID }
        targets = counted.count
        likes = counted.values.reduce(0) { $0 + $1.rows.count }
        events = ledger.entries
        repeats = ledger.repeats
        self.position = position
        drift = problems.count
        self.problems = Array(problems.prefix(Self.maximumProblems))
    }

    /// What is wrong with a target; nil when nothing is.
    private static func problem(_ id: Identifier, _ target: CountedTarget, _ ledger: LikeLedger) -> String? {
        if target.count != target.rows.count { return "the counter is not the number of rows" }
        if let violation = ledger.violations[id] { return violation }
        let version = ledger.versions[id] ?? 0
        if version != target.version { return "the log ends at version \(version) of \(target.version)" }
        if ledger.tallies[id, default: LikeLedger.Tally()] != target.rows { return "the log has other likes" }
        return nil
    }
}
