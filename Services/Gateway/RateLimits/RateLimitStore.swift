import Contracts
import EventBus
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

/// The policy in force, as the topic `policy-events` tells it: read from the log's beginning, so it survives restarts and is
/// the same at every gateway. Any thread.
final class RateLimitStore: Sendable {
    /// Until the broker must have a change, in milliseconds.
    static let deliveryTimeout = 3000
    /// Until it must have come back.
    private static let consumptionTimeout = Duration.seconds(3)

    /// Policies that are remembered, those before the one in force too.
    private static let remembered = 64

    private struct State {
        var policy: RateLimitPolicy
        var policies: [Int64: RateLimitPolicy]
        var isChanging = false
        var waiting: (event: Identifier, waiter: Waiter<RateLimitPolicy>)?
    }

    private let state: Mutex<State>
    private let clock: WallClock
    private let logger: Logger
    private let publish: @Sendable (Event) async throws -> Void

    /// A store that goes by `policy` until the log tells another. `publish` returns when the broker has the event, and
    /// throws when it will not get it any more.
    init(
        _ policy: RateLimitPolicy = .standard,
        clock: WallClock = .system,
        logger: Logger,
        publish: @escaping @Sendable (Event) async throws -> Void
    ) {
        var policies: [Int64: RateLimitPolicy] = [0: .standard]
        policies[policy.version] = policy
        state = Mutex(State(policy: policy, policies: policies))
        self.clock = clock
        self.logger = logger
        self.publish = publish
    }

    /// The policy in force.
    var policy: RateLimitPolicy { state.withLock { $0.policy } }

    /// The policy in force and those before it, by their versions, as far back as they are remembered.
    var policies: [Int64: RateLimitPolicy] { state.withLock { $0.policies } }

    /// Takes an event of `policy-events` in; the last in the log's order is in force.
    @Sendable func apply(_ event: Event, _ position: EventPosition) {
        guard event.key == "rate-limits" else { return }
        do {
            let rows = event.value == nil ? RateLimitRule.standard : try event.decode(RateLimitsChanged.self).rules
            let policy = RateLimitPolicy(version: position.offset + 1, rows: rows)
            let waiter = state.withLock { state -> Waiter<RateLimitPolicy>? in
                state.policy = policy
                state.policies[policy.version] = policy
                if state.policies.count > Self.remembered, let oldest = state.policies.keys.min() {
                    state.policies[oldest] = nil
                }
                return state.waiting?.event == event.id ? state.waiting?.waiter : nil
            }
            waiter?.resume(.success(policy))
            logger.notice(
                "rate-limit policy",
                metadata: ["version": .count(policy.version), "rules": .count(rows.count)]
            )
        } catch {
            logger.error("a policy cannot be read", metadata: ["event": "\(event.id)", "error": "\(error)"])
        }
    }

    /// Sets the policy that replaces `version`, and returns when this process goes by it. On an event loop.
    ///
    /// Throws ``Problem``: `precondition_failed` when another is in force by now, `unavailable` while one is being set or when
    /// the broker did not take it.
    func change(to rows: [RateLimitRule], replacing version: Int64, by user: Identifier) async throws -> RateLimitPolicy
    {
        let now = clock.now
        let event = try Event(RateLimitsChanged(rules: rows, changedBy: user, timestamp: now), at: now)
        let waiter = Waiter<RateLimitPolicy>()
        try begin(replacing: version, event.id, waiter)
        defer {
            state.withLock { state in
                state.isChanging = false
                state.waiting = nil
            }
        }
        do {
            try await publish(event)
        } catch {
            logger.warning("the policy was not delivered", metadata: ["error": "\(error)"])
            throw Problem(.unavailable, "the broker did not take the policy; nothing has changed", retryAfter: 5)
        }
        do {
            guard let loop = EventLoop.current else { return try await waiter.wait() }
            return try await loop.wait(for: waiter, until: loop.deadline(after: Self.consumptionTimeout))
        } catch is DeadlineExceeded {
            throw Problem(.unavailable, "the policy is stored and takes effect when it has come back", retryAfter: 1)
        }
    }

    private func begin(replacing version: Int64, _ event: Identifier, _ waiter: Waiter<RateLimitPolicy>) throws {
        try state.withLock { state in
            guard !state.isChanging else { throw Problem(.unavailable, "another change is under way", retryAfter: 1) }
            guard state.policy.version == version else { throw Problem(.preconditionFailed) }
            state.isChanging = true
            state.waiting = (event, waiter)
        }
    }
}
