import Contracts
import HTTPCore
import System
import Telemetry

/// A policy made ready for judging. Never changes.
final class RateLimitPolicy: Sendable {
    /// One rule about requests.
    final class Rule: Sendable {
        let rule: RateLimitRule
        let rate: RateLimiter.Rate
        /// Tells this rule's keys from others': a rule that is changed begins anew, one that is not keeps its counts.
        let seed: UInt64
        let pattern: RoutePattern?
        let refusals: Counter
        /// Its name as a member of `RateLimit` begins with it, and itself as a member of `RateLimit-Policy`.
        let nameText: [UInt8]
        let policyText: [UInt8]

        init(_ row: RateLimitRule) {
            rule = row
            rate = RateLimiter.Rate(quota: row.quota, windowSeconds: row.windowSeconds, burst: row.burst)
            seed = UInt64(truncatingIfNeeded: row.hashValue)
            pattern = row.route.map { RoutePattern($0) }
            refusals = MetricRegistry.shared.counter(
                "gateway.rate_limit.refusals",
                help: "Requests that a rule refused",
                labels: ["rule": row.name]
            )
            nameText = RateLimitField.name(row.name)
            policyText = RateLimitField.policy(nameText, quota: row.quota, windowSeconds: row.windowSeconds)
        }

        func applies(to method: String) -> Bool {
            guard let own = rule.method else { return true }
            return method == own || method == "HEAD" && own == "GET"
        }

        func applies(on route: String) -> Bool { pattern?.matches(route) ?? true }
    }

    /// The offset of its event on `policy-events` plus one; 0 is the built-in policy.
    let version: Int64
    /// All rows, Auth's too, as they were set.
    let rows: [RateLimitRule]
    /// The rows that the gateway enforces.
    let rules: [Rule]
    /// Those that each route of the services is judged by.
    private let rulesByRoute: [String: [Rule]]

    init(version: Int64, rows: [RateLimitRule]) {
        self.version = version
        self.rows = rows
        let rules = rows.filter { $0.counts == .requests }.map { Rule($0) }
        self.rules = rules
        rulesByRoute = Dictionary(RouteTable.patterns.map { ($0.0, rules.applying(on: $0.0)) }) { first, _ in first }
    }

    /// The rules that judge requests of a route.
    func rules(on route: String) -> [Rule] { rulesByRoute[route] ?? rules.applying(on: route) }

    /// What its rules ask about a request of a route: those that `key` gives a key for.
    func inquiry(method: String, route: String, key: (RateLimitRule.Scope) -> UInt64?) -> RateLimitInquiry {
        var inquiry = RateLimitInquiry()
        inquiry.add(rules(on: route), method: method, key: key)
        return inquiry
    }

    /// For how long a request counts at most, in seconds.
    var memory: Int64 { Int64(rules.map(\.rule.windowSeconds).max() ?? 0) }

    /// What a client must name in `If-Match`.
    var tag: EntityTag { EntityTag("\(version)") }

    static let standard = RateLimitPolicy(version: 0, rows: RateLimitRule.standard)
}

/// Rules and what they ask about a request, side by side.
struct RateLimitInquiry {
    private(set) var rules: [RateLimitPolicy.Rule] = []
    var questions: [RateLimiter.Question] = []

    /// Adds what those of the rules ask that apply to the method and that `key` gives a key for.
    mutating func add(
        _ candidates: [RateLimitPolicy.Rule],
        method: String,
        key: (RateLimitRule.Scope) -> UInt64?
    ) {
        for rule in candidates {
            guard let key = key(rule.rule.scope), rule.applies(to: method) else { continue }
            if rules.isEmpty {
                rules.reserveCapacity(candidates.count)
                questions.reserveCapacity(candidates.count)
            }
            rules.append(rule)
            let own = SplitMix64.mix(rule.seed ^ SplitMix64.mix(key)) | 1
            questions.append(RateLimiter.Question(key: own, rate: rule.rate))
        }
    }
}

extension [RateLimitPolicy.Rule] {
    fileprivate func applying(on route: String) -> Self { filter { $0.applies(on: route) } }
}

/// A pattern of routes: literal segments, `{name}` or `:name` for any one, and `*` at the end for any rest.
///
/// It is held against the pattern of a route, which the request log has too, not against a path, which may hold what no log
/// should.
struct RoutePattern: Sendable, Hashable {
    private enum Segment: Sendable, Hashable {
        case literal(String)
        case any
    }

    private let segments: [Segment]
    private let takesRest: Bool

    init(_ text: String) {
        var parts = text.split(separator: "/")
        takesRest = parts.last == "*"
        if takesRest { parts.removeLast() }
        segments = parts.map { part in
            part.hasPrefix(":") || part.hasPrefix("{") && part.hasSuffix("}") ? .any : .literal(String(part))
        }
    }

    /// Whether it fits the pattern of a route; what is no route of the API fits `/*` alone.
    func matches(_ route: String) -> Bool {
        let path = route.hasPrefix("/") ? route.split(separator: "/") : []
        guard takesRest ? path.count >= segments.count : path.count == segments.count else { return false }
        for (segment, part) in zip(segments, path) {
            if case .literal(let text) = segment, text != part { return false }
        }
        return true
    }
}
