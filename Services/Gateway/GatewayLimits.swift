import Contracts
import HTTPCore
import HTTPTransport
import Security
import ServiceKit
import System

/// The gateway's policy: requests of a user and of an address, sign-ups and log-ins of an address.
struct GatewayLimits: Sendable {
    /// The values in force, a minute.
    struct Policy: Sendable, Hashable {
        var user = 6000
        var address = 12_000
        var signUps = 120
        var logIns = 240
    }

    private static let window = 60
    private let limiter = RateLimiter()
    private let policy: Policy

    init(_ policy: Policy) {
        self.policy = policy
    }

    /// The RateLimit fields of an allowed request, of the limit with least left; throws a 429 as `RateLimited`.
    func check(_ request: Request, path: RequestPath, token: AccessToken?, address: String) throws -> HTTPFields {
        let now = MonotonicClock.nanoseconds
        var tightest: (RatePolicy, RateLimiter.Verdict)?
        for (policy, subject) in subjects(request, path, token, address) {
            let verdict = limiter.judge(subject, policy, now: now)
            guard verdict.isAllowed else { throw RateLimited(policy: policy, verdict: verdict) }
            if tightest.map({ verdict.remaining < $0.1.remaining }) ?? true { tightest = (policy, verdict) }
        }
        guard let (policy, verdict) = tightest else { return [:] }
        return Self.fields(policy, verdict)
    }

    private func subjects(
        _ request: Request,
        _ path: RequestPath,
        _ token: AccessToken?,
        _ address: String
    ) -> [(RatePolicy, String)] {
        var subjects = [(RatePolicy(name: "address", quota: policy.address, window: Self.window), address)]
        if let token {
            let user = RatePolicy(name: "user", quota: policy.user, window: Self.window)
            subjects.append((user, token.userID.description))
        }
        if request.method == .post, path.segments == ["v1", "users"] {
            subjects.append((RatePolicy(name: "sign-ups", quota: policy.signUps, window: Self.window), address))
        }
        if request.method == .post, path.segments == ["v1", "auth", "login"] {
            subjects.append((RatePolicy(name: "log-ins", quota: policy.logIns, window: Self.window), address))
        }
        return subjects
    }

    static func fields(_ policy: RatePolicy, _ verdict: RateLimiter.Verdict) -> HTTPFields {
        [
            .rateLimitPolicy: RateLimitField.policy(
                name: policy.name,
                quota: policy.quota,
                windowSeconds: policy.window
            ),
            .rateLimit: RateLimitField.state(
                name: policy.name,
                remaining: verdict.remaining,
                resetSeconds: verdict.seconds
            ),
        ]
    }
}

/// A request over a limit: 429 with Retry-After and the RateLimit fields.
struct RateLimited: Error {
    let policy: RatePolicy
    let verdict: RateLimiter.Verdict

    /// The answer.
    var response: Response {
        let problem = Problem(
            .rateLimited,
            extensions: ["violated-policies": [policy.name]],
            retryAfter: verdict.seconds
        )
        var response = problem.response
        for field in GatewayLimits.fields(policy, verdict) { response.headerFields.append(field) }
        return response
    }
}
