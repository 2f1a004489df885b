import Contracts
import ServiceKit
import System

/// Replays logged requests through a proposed policy: who would have been refused. Pure; the clock is the log's.
///
/// The replay of the policy in force refuses what was refused: each gateway process counts for itself, requests are judged in
/// the order and at the instants of its limiter, and what was counted before the span counts on by the policies of that time.
struct RateLimitSimulation {
    /// Callers named for each rule, those with the most refusals first.
    static let namedCallers = 10

    /// What the policy would have done.
    struct Report: Encodable, Equatable {
        /// Requests of the log that were judged.
        var requests = 0
        /// Those that a rule would have refused.
        var refused = 0
        /// Those of them that were not.
        var newlyRefused = 0
        /// Those that were refused and would not have been.
        var newlyAllowed = 0
        /// Requests of the time that are not in the log, as the gateways counted them.
        var lost: Int64 = 0
        /// Whether there were more than are read at once.
        var isTruncated = false
        /// Each rule about requests.
        var rules: [Rule] = []

        enum CodingKeys: String, CodingKey {
            case newlyRefused = "newly_refused"
            case newlyAllowed = "newly_allowed"
            case isTruncated = "truncated"
            case requests, refused, lost, rules
        }
    }

    /// What one rule would have done.
    struct Rule: Encodable, Equatable {
        var name: String
        var applied = 0
        var refused = 0
        /// Users, networks (/24, /48), or `*` for a rule of a route, that were refused at least once.
        var callers = 0
        var top: [Caller] = []
    }

    /// Somebody who would have been refused.
    struct Caller: Encodable, Equatable {
        var caller: String
        var refused: Int
    }

    /// Rules of address and route are asked first, those of the user once the token is known.
    private enum Stage {
        case caller, user
    }

    /// One judgement of a request by a gateway.
    private struct Judgement {
        let entry: Int
        let stage: Stage
        let now: UInt64
    }

    private let policy: RateLimitPolicy
    private let past: [Int64: RateLimitPolicy]
    private let start: Timestamp
    private var report = Report()
    private var applied: [String: Int] = [:]
    private var refused: [String: [String: Int]] = [:]

    /// The report of requests, in any order, that came from `start` on; those before it are what had been counted, by the
    /// policy of their version in `past`.
    static func report(
        on log: [GatewayRequest],
        from start: Timestamp,
        under policy: RateLimitPolicy,
        after past: [Int64: RateLimitPolicy] = [:]
    ) -> Report {
        var simulation = Self(policy: policy, past: past, start: start)
        // One at a time: a limiter is a megabyte.
        for gateway in Dictionary(grouping: log, by: \.gatewayID).values { simulation.replay(gateway) }
        simulation.report.rules = policy.rules.map { simulation.summary(of: $0.rule.name) }
        return simulation.report
    }

    private init(policy: RateLimitPolicy, past: [Int64: RateLimitPolicy], start: Timestamp) {
        self.policy = policy
        self.past = past
        self.start = start
    }

    /// Replays the requests of one gateway.
    private mutating func replay(_ log: [GatewayRequest]) {
        let limiter = RateLimiter()
        var refusals = Set<Int>()
        for judgement in Self.judgements(in: log) {
            let entry = log[judgement.entry]
            guard entry.timestamp >= start else {
                count(entry, judgement, in: limiter)
                continue
            }
            guard !refusals.contains(judgement.entry) else { continue }
            if !admits(entry, judgement, limiter) { refusals.insert(judgement.entry) }
        }
        let judged = log.indices.filter { log[$0].timestamp >= start && log[$0].judgedAt != nil }
        report.requests += judged.count
        report.refused += refusals.count
        for index in judged {
            let wasRefused = log[index].decision != RequestRecord.allowed
            if refusals.contains(index), !wasRefused { report.newlyRefused += 1 }
            if !refusals.contains(index), wasRefused { report.newlyAllowed += 1 }
        }
        let dropped = log.map(\.dropped)
        report.lost += (dropped.max() ?? 0) - (dropped.min() ?? 0)
    }

    private static func judgements(in log: [GatewayRequest]) -> [Judgement] {
        var judgements: [Judgement] = []
        for (index, entry) in log.enumerated() {
            if let now = entry.judgedAt {
                judgements.append(Judgement(entry: index, stage: .caller, now: UInt64(clamping: now)))
            }
            if let now = entry.userJudgedAt {
                judgements.append(Judgement(entry: index, stage: .user, now: UInt64(clamping: now)))
            }
        }
        return judgements.sorted { $0.now < $1.now }
    }

    /// Counts a request of the time before as it was counted then: for the rules that did not refuse it.
    private func count(_ entry: GatewayRequest, _ judgement: Judgement, in limiter: RateLimiter) {
        guard let policy = past[entry.policyVersion] else { return }
        let inquiry = Self.inquiry(entry, judgement.stage, of: policy)
        guard !inquiry.rules.contains(where: { $0.rule.name == entry.decision }) else { return }
        limiter.count(inquiry.questions, at: judgement.now)
    }

    private mutating func admits(_ entry: GatewayRequest, _ judgement: Judgement, _ limiter: RateLimiter) -> Bool {
        var inquiry = Self.inquiry(entry, judgement.stage, of: policy)
        _ = limiter.judge(&inquiry.questions) { judgement.now }
        for (rule, question) in zip(inquiry.rules, inquiry.questions) {
            applied[rule.rule.name, default: 0] += 1
            guard !question.verdict.isAllowed, let caller = Self.caller(of: entry, rule.rule.scope) else { continue }
            refused[rule.rule.name, default: [:]][caller, default: 0] += 1
        }
        return inquiry.questions.allSatisfy(\.verdict.isAllowed)
    }

    private static func inquiry(
        _ entry: GatewayRequest,
        _ stage: Stage,
        of policy: RateLimitPolicy
    ) -> RateLimitInquiry {
        policy.inquiry(method: entry.method, route: entry.route) { scope in
            switch (stage, scope) {
            case (.caller, .address): RateLimits.key(entry.addressKey ?? entry.addressPrefix)
            case (.caller, .route): 0
            case (.user, .user): entry.userID.map { RateLimits.key($0) }
            default: nil
            }
        }
    }

    private static func caller(of entry: GatewayRequest, _ scope: RateLimitRule.Scope) -> String? {
        switch scope {
        case .address: entry.addressPrefix
        case .user: entry.userID?.description
        case .route: "*"
        case .account: nil
        }
    }

    private func summary(of name: String) -> Rule {
        let callers = refused[name, default: [:]]
        let top = callers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.namedCallers)
        return Rule(
            name: name,
            applied: applied[name, default: 0],
            refused: callers.values.reduce(0, +),
            callers: callers.count,
            top: top.map { Caller(caller: $0.key, refused: $0.value) }
        )
    }
}
