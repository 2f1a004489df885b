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
    func admit(_ request: Request, _ path: RequestPath, _ record: RequestRecord) throws(RateLimited) -> Admission {
        let policy = store.policy
        record.policyVersion = policy.version
        var admission = Admission(policy, limiter, request.method, path, record)
        try admission.count { scope in
            switch scope {
            case .address: Self.key(record.client.limitKey)
            case .route: 0
            case .user, .account: nil
            }
        }
        return admission
    }

    /// The key of an address or a user in the limiter.
    static func key(_ text: String) -> UInt64 { UInt64(truncatingIfNeeded: text.hashValue) }
}

/// A request on its way through the rules. On its loop.
struct Admission {
    private let policy: RateLimitPolicy
    private let limiter: RateLimiter
    private let method: HTTPRequest.Method
    private let path: RequestPath
    private let record: RequestRecord
    private var limits: [RateLimited.Limit] = []

    init(
        _ policy: RateLimitPolicy,
        _ limiter: RateLimiter,
        _ method: HTTPRequest.Method,
        _ path: RequestPath,
        _ record: RequestRecord
    ) {
        self.policy = policy
        self.limiter = limiter
        self.method = method
        self.path = path
        self.record = record
    }

    /// Adds the RateLimit fields of the answer: all rules that applied.
    func append(to fields: inout HTTPFields) { RateLimited.append(limits, to: &fields) }

    /// Counts the request for its user. Throws ``RateLimited``.
    mutating func count(user: Identifier) throws(RateLimited) {
        let key = UInt64(truncatingIfNeeded: user.hashValue)
        try count { $0 == .user ? key : nil }
    }

    /// Counts the request for the rules that `key` gives a key for. When one refuses it, it counts for none of them.
    fileprivate mutating func count(_ key: (RateLimitRule.Scope) -> UInt64?) throws(RateLimited) {
        let now = MonotonicClock.nanoseconds
        let judged = policy.judge(limiter, method: method.rawValue, path: path.segments, now: now, key: key)
        for (rule, verdict) in judged {
            if !verdict.isAllowed { rule.refusals.increment() }
            limits.append(Self.limit(rule.rule, verdict))
        }
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
