import Contracts
import HTTPCore
import Telemetry

/// A policy made ready for judging. Never changes.
final class RateLimitPolicy: Sendable {
    /// One rule about requests.
    struct Rule: Sendable {
        let rule: RateLimitRule
        let rate: RateLimiter.Rate
        /// Tells this rule's keys from others': a rule that is changed begins anew, one that is not keeps its counts.
        let seed: UInt64
        let pattern: RoutePattern?
        let refusals: Counter
    }

    /// The offset of its event on `policy-events` plus one; 0 is the built-in policy.
    let version: Int64
    /// All rows, Auth's too, as they were set.
    let rows: [RateLimitRule]
    /// The rows that the gateway enforces.
    let rules: [Rule]

    init(version: Int64, rows: [RateLimitRule]) {
        self.version = version
        self.rows = rows
        rules = rows.filter { $0.counts == .requests }.map { row in
            Rule(
                rule: row,
                rate: RateLimiter.Rate(quota: row.quota, windowSeconds: row.windowSeconds, burst: row.burst),
                seed: UInt64(truncatingIfNeeded: row.hashValue),
                pattern: row.route.map { RoutePattern($0) },
                refusals: MetricRegistry.shared.counter(
                    "gateway.rate_limit.refusals",
                    help: "Requests that a rule refused",
                    labels: ["rule": row.name]
                )
            )
        }
    }

    /// What a client must name in `If-Match`.
    var tag: EntityTag { EntityTag("\(version)") }

    static let standard = RateLimitPolicy(version: 0, rows: RateLimitRule.standard)
}

/// A pattern of paths: literal segments, `{name}` or `:name` for any one, and `*` at the end for any rest.
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

    func matches(_ path: [String]) -> Bool {
        guard takesRest ? path.count >= segments.count : path.count == segments.count else { return false }
        for (segment, part) in zip(segments, path) {
            if case .literal(let text) = segment, text != part { return false }
        }
        return true
    }
}
