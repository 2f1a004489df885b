import Synchronization

/// Counts what clients use against their quotas and says for how long who used too much is to wait. Any thread.
final class QuotaManager: Sendable {
    /// The longest that one request makes its connection wait; what is owed beyond delays the next one too.
    static let maximumThrottle = 30.0
    /// Most users, clients and addresses that are counted apart; further ones share.
    static let maximumBuckets = 10_000
    /// Time in which a bucket fills: what may be used at once is the quota of this many seconds.
    static let burstSeconds = 1.0

    private struct Key: Hashable {
        let kind: QuotaKind
        let sharers: QuotaEntity
    }

    private struct State {
        var table = QuotaTable()
        var buckets: [Key: TokenBucket] = [:]
    }

    private let state = Mutex(State())
    private let hasQuotas = Atomic(false)

    /// The quotas that hold from now on.
    func replace(_ table: QuotaTable) {
        state.withLock { state in
            state.table = table
            state.buckets = [:]
        }
        hasQuotas.store(!table.limits.isEmpty, ordering: .releasing)
    }

    /// Whether any quota is set: without one nothing needs to be counted.
    var isActive: Bool { hasQuotas.load(ordering: .acquiring) }

    /// Counts `amount` and returns for how many milliseconds the client is to wait. With an amount of 0 it tells what is
    /// still owed. `now` in nanoseconds.
    func charge(_ kind: QuotaKind, _ amount: Double, user: String, clientID: String, now: UInt64) -> Int32 {
        guard isActive else { return 0 }
        return state.withLock { state in
            Self.charge(kind, amount, state.table.match(kind, user: user, clientID: clientID), now, &state)
        }
    }

    /// Counts a new connection; true when the address has made too many. A refused one does not count, as with Apache
    /// Kafka: who keeps trying gets in at the rate that is his.
    func refusesConnection(from address: String, now: UInt64) -> Bool {
        guard isActive else { return false }
        return state.withLock { state in
            let match = state.table.match(address: address)
            guard Self.charge(.connectionRate, 1, match, now, &state) > 0 else { return false }
            _ = Self.charge(.connectionRate, -1, match, now, &state)
            return true
        }
    }

    /// What a client may use a second; nil without a quota.
    func rate(_ kind: QuotaKind, user: String, clientID: String) -> Double? {
        guard isActive else { return nil }
        return state.withLock { $0.table.match(kind, user: user, clientID: clientID)?.rate }
    }

    private static func charge(
        _ kind: QuotaKind,
        _ amount: Double,
        _ match: QuotaTable.Match?,
        _ now: UInt64,
        _ state: inout State
    ) -> Int32 {
        guard let match else { return 0 }
        var key = Key(kind: kind, sharers: match.sharers)
        if state.buckets[key] == nil, state.buckets.count >= maximumBuckets {
            state.buckets = state.buckets.filter { !$0.value.isIdle(now) }
            // Names are the clients' choice: they must not fill the memory.
            if state.buckets.count >= maximumBuckets { key = Key(kind: kind, sharers: QuotaEntity([:])) }
        }
        let seconds = state.buckets[key, default: TokenBucket(rate: match.rate, now: now)]
            .take(amount, rate: match.rate, now: now)
        return Int32((min(seconds, maximumThrottle) * 1000).rounded(.up))
    }
}
