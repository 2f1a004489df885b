import Reactor
import Synchronization

/// Keeps requests away from a service that does not answer: after several failures in a row nothing goes there for a short
/// time, which grows; then one request tries. Shared by all loops; free of locks while all is well.
final class CircuitBreaker: Sendable {
    /// Failures in a row that open it.
    static let threshold = 5
    /// The first time without requests; each failed try doubles it.
    static let firstPause = Duration.milliseconds(250)
    static let longestPause = Duration.seconds(4)

    /// What became of a request that was let through.
    enum Outcome {
        /// The service answered, whatever it said.
        case answered
        /// No connection, no answer in time, or no HTTP.
        case failed
        /// Nothing was learned: the client left, or its body was bad.
        case abandoned
    }

    private struct State {
        var failures = 0
        var pause = CircuitBreaker.firstPause
        /// Nil while closed.
        var closedUntil: Deadline?
        var isTrying = false
    }

    private let state = Mutex(State())
    // False while there is nothing in `state` that matters.
    private let isTroubled = Atomic(false)

    /// Whether requests are kept away.
    var isOpen: Bool { state.withLock { $0.closedUntil != nil } }

    /// Whether a request might go; nothing is recorded of it.
    func mayPass(at now: Deadline) -> Bool {
        guard isTroubled.load(ordering: .acquiring) else { return true }
        return state.withLock { state in
            guard let end = state.closedUntil else { return true }
            return now >= end && !state.isTrying
        }
    }

    /// Nil when a request may go, whose outcome must then be recorded; else the seconds to wait. `now` is a loop's time.
    func refusal(at now: Deadline) -> Int? {
        guard isTroubled.load(ordering: .acquiring) else { return nil }
        return state.withLock { state in
            guard let end = state.closedUntil else { return nil }
            guard now >= end else { return Int((end.nanoseconds - now.nanoseconds) / 1_000_000_000) + 1 }
            guard !state.isTrying else { return 1 }
            state.isTrying = true
            return nil
        }
    }

    /// Takes note of an outcome.
    func record(_ outcome: Outcome, at now: Deadline) {
        guard outcome == .failed || isTroubled.load(ordering: .acquiring) else { return }
        state.withLock { state in
            let wasTry = state.isTrying
            state.isTrying = false
            switch outcome {
            case .answered:
                state = State()
                isTroubled.store(false, ordering: .releasing)
            case .failed:
                isTroubled.store(true, ordering: .releasing)
                state.failures += 1
                if wasTry { state.pause = min(state.pause * 2, Self.longestPause) }
                guard wasTry || (state.closedUntil == nil && state.failures >= Self.threshold) else { return }
                state.closedUntil = now.adding(state.pause)
            case .abandoned: break
            }
        }
    }
}
