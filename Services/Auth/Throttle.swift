import System

/// Slows down guessing: after `allowance` failures each further one doubles the wait, from 1 s to the window; a quiet window
/// forgets. Accounts and addresses are counted apart, never as pairs, so neither many addresses nor many accounts help a
/// guesser.
struct Throttle: Sendable, Equatable {
    /// Failures that cost nothing.
    let allowance: Int
    /// In seconds.
    let window: Int64

    /// The state of one account or address.
    struct State: Sendable, Equatable {
        var failures: Int
        var lastFailure: Timestamp
        var blockedUntil: Timestamp
    }

    /// The state after one more failure.
    func failing(_ state: State?, at now: Timestamp) -> State {
        var failures = 1
        if let state, now < state.lastFailure.adding(seconds: window) { failures += state.failures }
        let over = failures - allowance
        let wait = over < 0 ? 0 : min(window, 1 << Int64(min(over, 20)))
        return State(failures: failures, lastFailure: now, blockedUntil: now.adding(seconds: wait))
    }

    /// Whole seconds until the next try; nil when it is allowed now. A wait that begins in the future is none: the clock was
    /// set back since.
    static func wait(_ state: State?, at now: Timestamp) -> Int? {
        guard let state, state.lastFailure <= now, state.blockedUntil > now else { return nil }
        return Int((state.blockedUntil.milliseconds - now.milliseconds + 999) / 1000)
    }
}
