import Synchronization

/// A slot for one value that one task waits for: the one continuation of Marquee.
///
/// The first `resume` wins and later ones are dropped until the value has been taken; a value that comes before the wait
/// is kept for it. After a wait the slot may be used again. A cancelled task stops waiting with `CancellationError`.
/// `resume` may be called on any thread, under a lock too: it only queues the task on its executor.
public final class Waiter<Value: Sendable>: Sendable {
    @safe private enum State {
        case empty
        case cancelled
        case full(Result<Value, any Error>)
        case waiting(UnsafeContinuation<Value, any Error>)
    }

    private let state = Mutex(State.empty)

    /// An empty slot.
    public init() {}

    /// Hands over the value or error; false when one was there already.
    @discardableResult
    public func resume(_ result: Result<Value, any Error>) -> Bool { handOver(result) }

    private func handOver(_ result: Result<Value, any Error>) -> Bool {
        let taken: (Bool, UnsafeContinuation<Value, any Error>?) = unsafe state.withLock { state in
            switch state {
            case .empty, .cancelled:
                state = .full(result)
                return (true, nil)
            case .full:
                return (false, nil)
            case .waiting(let continuation):
                state = .empty
                return unsafe (true, continuation)
            }
        }
        unsafe taken.1?.resume(with: result)
        return unsafe taken.0
    }

    /// Waits for the value. Rule: one task at a time.
    public func wait() async throws -> Value { try await value() }

    private func value() async throws -> Value {
        state.withLock { state in
            // Left by the cancellation of an earlier task that waited here.
            if case .cancelled = state { state = .empty }
        }
        return try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { continuation in
                unsafe install(continuation)
            }
        } onCancel: {
            cancel()
        }
    }

    private func install(_ continuation: UnsafeContinuation<Value, any Error>) {
        let ready: Result<Value, any Error>? = state.withLock { state in
            switch state {
            case .empty:
                unsafe state = .waiting(continuation)
                return nil
            case .cancelled:
                state = .empty
                return .failure(CancellationError())
            case .full(let result):
                state = .empty
                return result
            case .waiting:
                preconditionFailure("two tasks wait on one Waiter")
            }
        }
        if let ready { unsafe continuation.resume(with: ready) }
    }

    private func cancel() {
        let waiting: UnsafeContinuation<Value, any Error>? = unsafe state.withLock { state in
            switch state {
            case .waiting(let continuation):
                state = .empty
                return unsafe continuation
            case .empty:
                state = .cancelled
                return nil
            case .cancelled, .full:
                return nil
            }
        }
        unsafe waiting?.resume(throwing: CancellationError())
    }
}

/// What other modules call for the most common waiter is compiled for it here: across modules it would stay generic, and ask
/// for its types' metadata each time.
extension Waiter where Value == Void {
    /// Says that it is so; false when it was said already.
    @discardableResult
    public func resume(_ result: Result<Void, any Error>) -> Bool { handOver(result) }

    /// Waits until it is said. Rule: one task at a time.
    public func wait() async throws { try await value() }
}
