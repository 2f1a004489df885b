import Synchronization
import System

/// A few threads that run closures in the order in which they came. For work that blocks.
final class WorkQueue: Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isStopped = false
        var threads: [Thread] = []
    }

    private let state = Mutex(State())
    private let semaphore: Semaphore

    init(name: String, threads: Int) throws {
        semaphore = try Semaphore()
        let started = try (0..<threads).map { _ in try Thread.start(name: name) { [self] in run() } }
        state.withLock { $0.threads = started }
    }

    /// False when the queue is stopped.
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = state.withLock { state in
            if state.isStopped { return false }
            state.work.append(work)
            return true
        }
        if isAccepted { semaphore.signal() }
        return isAccepted
    }

    /// Runs what was submitted before and ends the threads. Blocks.
    func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            defer { state.threads = [] }
            return state.threads
        }
        for _ in threads { semaphore.signal() }
        for thread in threads { thread.join() }
    }

    private func run() {
        while true {
            semaphore.wait()
            let (work, isStopped) = state.withLock { state in
                (state.work.isEmpty ? nil : state.work.removeFirst(), state.isStopped)
            }
            if let work { work() } else if isStopped { return }
        }
    }
}
