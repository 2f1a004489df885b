import System

/// Slows down guessing: after `allowance` failures each further one doubles the wait, from 1 s to 15 min; a quiet quarter
/// of an hour forgets. Accounts and addresses are counted apart, never as pairs, so neither many addresses nor many
/// accounts help a guesser.
struct Throttle: Sendable {
    static let longestWaitSeconds: Int64 = 15 * 60
    static let forgetAfterSeconds: Int64 = 15 * 60

    /// Failures that cost nothing.
    let allowance: Int

    /// The state of one account or address.
    struct State: Sendable, Equatable {
        var failures: Int
        var lastFailure: Timestamp
        var blockedUntil: Timestamp
    }

    /// The state after one more failure.
    func failing(_ state: State?, at now: Timestamp) -> State {
        var failures = 1
        if let state, now < state.lastFailure.adding(seconds: Self.forgetAfterSeconds) { failures += state.failures }
        let over = failures - allowance
        let wait = over < 0 ? 0 : min(Self.longestWaitSeconds, 1 << Int64(min(over, 20)))
        return State(failures: failures, lastFailure: now, blockedUntil: now.adding(seconds: wait))
    }

    /// Whole seconds until the next try; nil when it is allowed now.
    static func wait(_ state: State?, at now: Timestamp) -> Int? {
        guard let state, state.blockedUntil > now else { return nil }
        return Int((state.blockedUntil.milliseconds - now.milliseconds + 999) / 1000)
    }
}
