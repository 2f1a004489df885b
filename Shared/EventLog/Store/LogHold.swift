import Synchronization
import System

/// Lets a store stand still for a bounded time: nothing becomes durable, so nothing is acknowledged and no reader gets
/// further. Appends wait in memory. It ends by itself when its time is over, so that nobody who dies holds a store.
///
/// Thread rule: any thread.
public final class LogHold: Sendable {
    private enum State {
        case waiting
        case holding(until: UInt64)
        case released
        case expired
    }

    private let state = Mutex(State.waiting)
    private let ended: Semaphore
    private let milliseconds: Int32

    /// A hold that has not begun, for at most so long.
    public init(milliseconds: Int32) throws {
        self.milliseconds = max(0, milliseconds)
        ended = try Semaphore()
    }

    /// Ends the hold. True when the store has stood still from its beginning until now; false when the hold had not begun,
    /// was over already or was given up.
    @discardableResult
    public func release() -> Bool {
        let isWhole = state.withLock { state in
            guard case .holding(let deadline) = state, MonotonicClock.nanoseconds < deadline else { return false }
            state = .released
            return true
        }
        ended.signal()
        return isWhole
    }

    /// Gives the hold up, and the copy that it is for.
    public func cancel() {
        state.withLock { $0 = .expired }
        ended.signal()
    }

    /// Whether the copy is still wanted.
    var isGivenUp: Bool {
        state.withLock { state in
            if case .expired = state { true } else { false }
        }
    }

    /// Holds the caller's thread, which is what makes the store stand still. False when the hold was not released in time.
    func hold(_ begun: () -> Void) -> Bool {
        let mayBegin = state.withLock { state in
            guard case .waiting = state else { return false }
            state = .holding(until: MonotonicClock.nanoseconds + UInt64(milliseconds) * 1_000_000)
            return true
        }
        guard mayBegin else { return false }
        begun()
        _ = ended.wait(milliseconds: milliseconds)
        return state.withLock { state in
            if case .released = state { return true }
            state = .expired
            return false
        }
    }
}
