import Contracts
import EventBus
import ServiceKit
import Synchronization
import Telemetry

/// The rows of the rate-limit policy that Auth enforces: failed log-ins of an account and of an address. Follows
/// `policy-events`; a row that the policy leaves out is the built-in one, so guessing is never free. Any thread.
final class LoginLimits: Sendable {
    /// The throttles in force.
    struct Limits: Sendable, Equatable {
        var account: Throttle
        var address: Throttle
    }

    private let limits: Mutex<Limits>

    init(_ rules: [RateLimitRule] = []) {
        limits = Mutex(Self.limits(rules))
    }

    /// What is in force now.
    var current: Limits { limits.withLock(\.self) }

    /// Takes the policy of an event in.
    func apply(_ event: Event, logger: Logger) {
        guard event.key == "rate-limits" else { return }
        do {
            let rules = event.value == nil ? [] : try event.decode(RateLimitsChanged.self).rules
            let next = Self.limits(rules)
            limits.withLock { $0 = next }
            logger.notice(
                "log-in limits",
                metadata: ["account": .count(next.account.allowance), "address": .count(next.address.allowance)]
            )
        } catch {
            logger.error("a policy cannot be read", metadata: ["event": "\(event.id)", "error": "\(error)"])
        }
    }

    /// The refusal of a log-in. It always tells the account's limit, so nobody learns which of the two it was.
    func refusal(seconds: Int) -> RateLimited {
        let account = current.account
        let limit = RateLimited.Limit(
            name: "failed-log-ins",
            quota: account.allowance,
            windowSeconds: Int(account.window),
            remaining: 0,
            seconds: seconds,
            isViolated: true
        )
        return RateLimited([limit])
    }

    private static func limits(_ rules: [RateLimitRule]) -> Limits {
        func throttle(_ scope: RateLimitRule.Scope) -> Throttle {
            let rule = (rules + RateLimitRule.standard).first { $0.counts == .failedLogIns && $0.scope == scope }
            return Throttle(allowance: rule?.quota ?? 20, window: Int64(rule?.windowSeconds ?? 60))
        }
        return Limits(account: throttle(.account), address: throttle(.address))
    }
}
