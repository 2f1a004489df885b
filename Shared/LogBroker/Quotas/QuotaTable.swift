/// The quotas that are set, and which of them is a client's: Kafka's order of precedence (`DefaultQuotaCallback`). Pure.
struct QuotaTable: Sendable, Equatable {
    var limits: [QuotaEntity: [QuotaKind: Double]] = [:]

    /// A quota, and who shares it: all connections of the user, of the client id, or of both together.
    struct Match: Sendable, Equatable {
        let rate: Double
        let sharers: QuotaEntity
    }

    func match(_ kind: QuotaKind, user: String, clientID: String) -> Match? {
        let both = QuotaEntity(user: .named(user), clientID: .named(clientID))
        let one = QuotaEntity(user: .named(user))
        let order: [(QuotaEntity, sharers: QuotaEntity)] = [
            (both, both), (QuotaEntity(user: .named(user), clientID: .byDefault), both), (one, one),
            (QuotaEntity(user: .byDefault, clientID: .named(clientID)), both),
            (QuotaEntity(user: .byDefault, clientID: .byDefault), both), (QuotaEntity(user: .byDefault), one),
            (QuotaEntity(clientID: .named(clientID)), QuotaEntity(clientID: .named(clientID))),
            (QuotaEntity(clientID: .byDefault), QuotaEntity(clientID: .named(clientID))),
        ]
        return first(kind, of: order)
    }

    func match(address: String) -> Match? {
        let own = QuotaEntity(address: .named(address))
        return first(.connectionRate, of: [(own, own), (QuotaEntity(address: .byDefault), own)])
    }

    private func first(_ kind: QuotaKind, of order: [(QuotaEntity, sharers: QuotaEntity)]) -> Match? {
        for (entity, sharers) in order {
            if let rate = limits[entity]?[kind] { return Match(rate: rate, sharers: sharers) }
        }
        return nil
    }
}

/// Tokens that come at a steady rate up to what comes in a second, and may be owed.
struct TokenBucket: Sendable, Equatable {
    private var tokens: Double
    private var updated: UInt64

    init(rate: Double, now: UInt64) {
        tokens = rate
        updated = now
    }

    /// Takes tokens at a time in nanoseconds; returns for how many seconds nothing more should be taken.
    mutating func take(_ amount: Double, rate: Double, now: UInt64) -> Double {
        let elapsed = now > updated ? Double(now - updated) / 1e9 : 0
        updated = max(updated, now)
        tokens = min(rate, tokens + elapsed * rate) - amount
        return tokens < 0 && rate > 0 ? -tokens / rate : 0
    }

    /// Whether it has not been used for so long that a new one would be the same.
    func isIdle(_ now: UInt64) -> Bool { tokens >= 0 && now > updated && now - updated > 1_000_000_000 }
}
