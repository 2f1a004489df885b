import Synchronization
import System

/// The event loops of a process.
public final class EventLoopGroup: Sendable {
    /// The loops, in order of their index.
    public let loops: [EventLoop]
    private let threads: [Thread]
    private let turn = Atomic(0)

    /// Starts `count` threads, one loop each.
    public init(count: Int = 1) throws {
        precondition(count > 0, "a group needs a loop")
        loops = try (0..<count).map { try EventLoop(index: $0) }
        threads = try loops.map { loop in
            try Thread.start(name: "loop-\(loop.index)") { loop.run() }
        }
    }

    /// The loops in turn, for work that may run on any.
    public func next() -> EventLoop {
        let ticket = turn.wrappingAdd(1, ordering: .relaxed).newValue
        return loops[Int(UInt(bitPattern: ticket) % UInt(loops.count))]
    }

    /// Ends the threads and waits for them; tasks on the loops must have ended. Blocks, so never on a loop.
    public func shutdown() {
        for loop in loops { loop.stop() }
        for thread in threads { thread.join() }
    }
}

extension EventLoop {
    /// Runs `body` as a task on this loop and waits for it; for callers elsewhere, such as `main` and tests. Cancelling
    /// the caller cancels it.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task(executorPreference: self) { try await body() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
