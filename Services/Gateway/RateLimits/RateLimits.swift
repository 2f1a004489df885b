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
        let address = Self.key(record.client.limitKey)
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
    private let policy: RateLimitPolicy
    private let limiter: RateLimiter
    private let method: HTTPRequest.Method
    private let route: String
    private let record: RequestRecord
    private var limits: [RateLimited.Limit] = []

    init(
        _ policy: RateLimitPolicy,
        _ limiter: RateLimiter,
        _ method: HTTPRequest.Method,
        _ route: String,
        _ record: RequestRecord
    ) {
        self.policy = policy
        self.limiter = limiter
        self.method = method
        self.route = route
        self.record = record
    }

    /// Adds the RateLimit fields of the answer: all rules that applied.
    func append(to fields: inout HTTPFields) { RateLimited.append(limits, to: &fields) }

    /// Counts the request for its user. Throws ``RateLimited``.
    mutating func count(user: Identifier) throws(RateLimited) {
        let key = RateLimits.key(user)
        record.userJudgedAt = judge { $0 == .user ? key : nil }
        try check()
    }

    /// Has the rules judge that `key` gives a key for, and returns the instant. When one refuses the request, it counts for
    /// none of them.
    fileprivate mutating func judge(_ key: (RateLimitRule.Scope) -> UInt64?) -> UInt64 {
        let asked = policy.questions(method: method.rawValue, route: route, key: key)
        let (verdicts, now) = limiter.judge(asked.map(\.question)) { MonotonicClock.nanoseconds }
        for ((rule, _), verdict) in zip(asked, verdicts) {
            if !verdict.isAllowed { rule.refusals.increment() }
            limits.append(Self.limit(rule.rule, verdict))
        }
        return now
    }

    /// Throws ``RateLimited`` when a rule refused.
    fileprivate func check() throws(RateLimited) {
        guard let refusal = limits.first(where: \.isViolated) else { return }
        record.decision = refusal.name
        throw RateLimited(limits)
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
