/// A wait that took longer than its deadline allowed.
public struct DeadlineExceeded: Error, Sendable, Equatable {
    /// The error.
    public init() {}
}

extension EventLoop {
    /// Sleeps without leaving the loop (`Task.sleep` would). Throws `CancellationError`. On the loop.
    public func sleep(until deadline: Deadline) async throws {
        let waiter = Waiter<Void>()
        let timer = LoopTimer { waiter.resume(.success(())) }
        own.timers.set(timer, deadline)
        defer { own.timers.remove(timer) }
        try await waiter.wait()
    }

    /// Sleeps for a duration; see `sleep(until:)`. On the loop.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: .after(duration))
    }

    /// Waits for the value of a `Waiter`, at most until the deadline: then throws `DeadlineExceeded`. On the loop.
    public func wait<Value>(for waiter: Waiter<Value>, until deadline: Deadline) async throws -> Value {
        let timer = LoopTimer { waiter.resume(.failure(DeadlineExceeded())) }
        own.timers.set(timer, deadline)
        defer { own.timers.remove(timer) }
        return try await waiter.wait()
    }

    /// Lets sockets, timers and other tasks have their turn. On the loop.
    public func yield() async throws {
        let waiter = Waiter<Void>()
        own.yielded.append(waiter)
        try await waiter.wait()
    }
}
