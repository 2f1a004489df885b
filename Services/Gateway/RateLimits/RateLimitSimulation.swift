import Contracts
import ServiceKit
import System

/// Replays logged requests through a proposed policy: who would have been refused. Pure; the clock is the log's.
struct RateLimitSimulation {
    /// Callers named for each rule, those with the most refusals first.
    static let namedCallers = 10

    /// What the policy would have done.
    struct Report: Encodable, Equatable {
        /// Requests of the log that rules judge.
        var requests = 0
        /// Those that a rule would have refused.
        var refused = 0
        /// Requests of the time that are not in the log: gaps in the gateways' sequences.
        var lost = 0
        /// Whether there were more than are read at once.
        var isTruncated = false
        /// Each rule about requests.
        var rules: [Rule] = []

        enum CodingKeys: String, CodingKey {
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

    private let policy: RateLimitPolicy
    private let limiter = RateLimiter()
    private var applied: [String: Int] = [:]
    private var refused: [String: [String: Int]] = [:]

    private init(_ rules: [RateLimitRule]) {
        policy = RateLimitPolicy(version: 0, rows: rules)
    }

    /// The report of requests in any order. The log holds networks instead of addresses, so rules by address are judged
    /// more strictly than they would be.
    static func report(on log: [GatewayRequest], under rules: [RateLimitRule]) -> Report {
        var simulation = RateLimitSimulation(rules)
        var report = Report()
        for entry in log.sorted(by: { $0.timestamp < $1.timestamp }) where isJudged(entry) {
            report.requests += 1
            if !simulation.admits(entry) { report.refused += 1 }
        }
        report.lost = lost(in: log)
        report.rules = simulation.policy.rules.map { simulation.summary(of: $0.rule.name) }
        return report
    }

    /// The gateway's own pages and probes are not limited.
    private static func isJudged(_ entry: GatewayRequest) -> Bool {
        entry.service != nil || entry.route == "unmatched" && !entry.method.isEmpty
    }

    private mutating func admits(_ entry: GatewayRequest) -> Bool {
        let now = UInt64(clamping: entry.timestamp.milliseconds) * 1_000_000
        let path = entry.route.split(separator: "/").map(String.init)
        let stages: [[RateLimitRule.Scope]] = [[.address, .route], [.user]]
        for scopes in stages {
            let judged = policy.judge(limiter, method: entry.method, path: path, now: now) { scope in
                guard scopes.contains(scope), let caller = Self.caller(of: entry, scope) else { return nil }
                return RateLimits.key(caller)
            }
            for (rule, verdict) in judged {
                applied[rule.rule.name, default: 0] += 1
                guard !verdict.isAllowed, let caller = Self.caller(of: entry, rule.rule.scope) else { continue }
                refused[rule.rule.name, default: [:]][caller, default: 0] += 1
            }
            guard judged.allSatisfy(\.verdict.isAllowed) else { return false }
        }
        return true
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

    private static func lost(in log: [GatewayRequest]) -> Int {
        var sequences: [String: (first: Int64, last: Int64, seen: Set<Int64>)] = [:]
        for entry in log {
            var own = sequences[entry.gatewayID] ?? (entry.sequence, entry.sequence, [])
            own.first = min(own.first, entry.sequence)
            own.last = max(own.last, entry.sequence)
            own.seen.insert(entry.sequence)
            sequences[entry.gatewayID] = own
        }
        return sequences.values.reduce(0) { $0 + Int($1.last - $1.first) + 1 - $1.seen.count }
    }
}
