import System

/// Replays `like-events` and says what the likes of each target are at a given version of its counter. A pure state machine;
/// the audit feeds it every entry of the log, in the order of each partition.
struct LikeLedger: Sendable {
    /// One entry of the log.
    struct Entry: Sendable {
        enum Kind: Sendable {
            case added(Identifier)
            case removed(Identifier)
            case reported(count: Int64)
            case unreadable
        }

        let target: Identifier
        let kind: Kind
        /// The version of the counter after it.
        let version: Int64
    }

    /// The likes of one target, from rows or from the log.
    struct Tally: Sendable, Equatable {
        var count: Int64 = 0
        /// The sum of the users' hashes: equal for the same users in any order.
        private(set) var users: UInt64 = 0

        mutating func add(_ user: Identifier) {
            count += 1
            users &+= UInt64(bitPattern: Int64(user.hashValue))
        }

        mutating func remove(_ user: Identifier) {
            count -= 1
            users &-= UInt64(bitPattern: Int64(user.hashValue))
        }
    }

    /// The versions up to which targets are replayed; what comes later is no part of the audit.
    private let ends: [Identifier: Int64]
    private(set) var tallies: [Identifier: Tally] = [:]
    private(set) var versions: [Identifier: Int64] = [:]
    /// Entries that do not follow from those before them.
    private(set) var violations: [Identifier: String] = [:]
    /// Targets that the log has and the audit does not.
    private(set) var others: Set<Identifier> = []
    /// How many different entries were taken.
    private(set) var entries = 0
    /// How many were in the log once more: a relay that is killed before it noted a delivery sends again.
    private(set) var repeats = 0

    init(upTo ends: [Identifier: Int64]) {
        self.ends = ends
    }

    /// Takes the next entry of a partition.
    mutating func apply(_ entry: Entry) {
        guard let end = ends[entry.target] else {
            others.insert(entry.target)
            return
        }
        guard entry.version <= end else { return }
        let known = versions[entry.target, default: 0]
        if case .reported(let count) = entry.kind {
            if entry.version == known, tallies[entry.target, default: Tally()].count != count {
                violations[entry.target] = "version \(known) was reported with \(count) likes"
            }
            return
        }
        guard entry.version > known else {
            repeats += 1
            return
        }
        if entry.version > known + 1 { violations[entry.target] = "the log goes from \(known) to \(entry.version)" }
        versions[entry.target] = entry.version
        entries += 1
        switch entry.kind {
        case .added(let user): tallies[entry.target, default: Tally()].add(user)
        case .removed(let user): tallies[entry.target, default: Tally()].remove(user)
        case .reported, .unreadable: violations[entry.target] = "version \(entry.version) cannot be read"
        }
    }
}
