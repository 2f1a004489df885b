import Synchronization
import System

/// A few threads for work that blocks or computes for long, with a bounded queue: Argon2, name look-ups, image jobs.
public final class WorkerPool: Sendable {
    /// The queue is as long as it may be: try again later.
    public struct Full: Error, Sendable, Equatable {
        /// The error.
        public init() {}
    }

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var head = 0
        var isStopping = false

        var queued: Int { jobs.count - head }

        mutating func next() -> (@Sendable () -> Void)? {
            guard head < jobs.count else { return nil }
            let job = jobs[head]
            head += 1
            if head == jobs.count || head > 256 {
                jobs.removeFirst(head)
                head = 0
            }
            return job
        }
    }

    /// Jobs that may wait for a thread.
    public let queueLimit: Int
    private let state: Mutex<State>
    private let available: Semaphore
    private let threads: Mutex<[Thread]>

    /// Starts the threads.
    public init(name: String, threads count: Int, queueLimit: Int) throws {
        self.queueLimit = queueLimit
        state = Mutex(State())
        available = try Semaphore()
        threads = Mutex([])
        for index in 0..<count {
            let thread = try Thread.start(name: "\(name)-\(index)") { self.work() }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Jobs waiting now.
    public var queued: Int { state.withLock { $0.queued } }

    /// Runs `body` on a thread of the pool and waits for its result; throws `Full` when the queue is. A cancelled caller
    /// stops waiting; the job is then skipped unless it has begun.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        let waiter = Waiter<Result>()
        let isAbandoned = Flag()
        let job: @Sendable () -> Void = {
            guard !isAbandoned.isSet else { return }
            waiter.resume(Swift.Result { try body() })
        }
        let isQueued = state.withLock { state in
            guard state.queued < queueLimit, !state.isStopping else { return false }
            state.jobs.append(job)
            return true
        }
        guard isQueued else { throw Full() }
        available.signal()
        do {
            return try await waiter.wait()
        } catch {
            isAbandoned.set()
            throw error
        }
    }

    /// Finishes what is queued, refuses more, and ends the threads. Blocks.
    public func shutdown() {
        state.withLock { $0.isStopping = true }
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for _ in ending { available.signal() }
        for thread in ending { thread.join() }
    }

    private func work() {
        while true {
            available.wait()
            let (job, isStopping) = state.withLock { ($0.next(), $0.isStopping) }
            if let job { job() } else if isStopping { return }
        }
    }
}

/// A switch that is turned on once, by any thread.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
