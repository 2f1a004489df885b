import Contracts
import HTTPCore
import HTTPTransport
import ServiceKit
import System
import Telemetry

/// Judges requests by the policy in force: those of an address and a route before anything else is done for them, those of a
/// user when the token is known.
struct RateLimits: Sendable {
    let store: RateLimitStore
    let limiter = RateLimiter()

    /// Counts a request for its address and its route. Throws ``RateLimited``.
    func admit(_ request: Request, _ record: RequestRecord) throws(RateLimited) -> Admission {
        let policy = store.policy
        record.policyVersion = policy.version
        let address = Self.key(record.limitKey)
        record.addressKey = address
        var admission = Admission(policy, limiter, request.method, request.matchedRoute ?? RouteTable.unmatched, record)
        record.judgedAt = admission.judge { scope in
            switch scope {
            case .address: address
            case .route: 0
            case .user, .account: nil
            }
        }
        try admission.check()
        return admission
    }

    /// The key of an address or a user in the limiter: a keyed digest, under a secret of the process.
    static func key(_ caller: some Hashable) -> UInt64 { UInt64(truncatingIfNeeded: caller.hashValue) }
}

/// A request on its way through the rules. On its loop.
struct Admission {
    private let limiter: RateLimiter
    private let method: String
    /// Those that judge requests of its route.
    private let rules: [RateLimitPolicy.Rule]
    private let record: RequestRecord
    private var inquiry = RateLimitInquiry()

    init(
        _ policy: RateLimitPolicy,
        _ limiter: RateLimiter,
        _ method: HTTPRequest.Method,
        _ route: String,
        _ record: RequestRecord
    ) {
        self.limiter = limiter
        self.method = method.rawValue
        rules = policy.rules(on: route)
        self.record = record
    }

    /// Adds the RateLimit fields of the answer: all rules that applied.
    func append(to fields: inout HTTPFields) {
        guard !inquiry.rules.isEmpty else { return }
        fields.append(.rateLimitPolicy) { output in
            for (index, rule) in inquiry.rules.enumerated() {
                if index > 0 { output += RateLimitField.separator }
                output += rule.policyText
            }
        }
        fields.append(.rateLimit) { output in
            for (index, rule) in inquiry.rules.enumerated() {
                if index > 0 { output += RateLimitField.separator }
                output += rule.nameText
                let verdict = inquiry.questions[index].verdict
                RateLimitField.appendState(remaining: verdict.remaining, resetSeconds: verdict.seconds, to: &output)
            }
        }
    }

    /// Counts the request for its user. Throws ``RateLimited``.
    mutating func count(user: Identifier) throws(RateLimited) {
        let key = RateLimits.key(user)
        record.userJudgedAt = judge { $0 == .user ? key : nil }
        try check()
    }

    /// Has the rules judge that `key` gives a key for, and returns the instant. When one refuses the request, it counts for
    /// none of them.
    fileprivate mutating func judge(_ key: (RateLimitRule.Scope) -> UInt64?) -> UInt64 {
        let first = inquiry.rules.count
        inquiry.add(rules, method: method, key: key)
        let now = limiter.judge(&inquiry.questions, from: first) { MonotonicClock.nanoseconds }
        for index in first..<inquiry.rules.count where !inquiry.questions[index].verdict.isAllowed {
            inquiry.rules[index].refusals.increment()
        }
        return now
    }

    /// Throws ``RateLimited`` when a rule refused.
    fileprivate func check() throws(RateLimited) {
        guard let index = inquiry.questions.firstIndex(where: { !$0.verdict.isAllowed }) else { return }
        record.decision = inquiry.rules[index].rule.name
        throw RateLimited(zip(inquiry.rules, inquiry.questions).map { Self.limit($0.rule, $1.verdict) })
    }

    private static func limit(_ rule: RateLimitRule, _ verdict: RateLimiter.Verdict) -> RateLimited.Limit {
        RateLimited.Limit(
            name: rule.name,
            quota: rule.quota,
            windowSeconds: rule.windowSeconds,
            remaining: verdict.remaining,
            seconds: verdict.seconds,
            isViolated: !verdict.isAllowed
        )
    }
}
