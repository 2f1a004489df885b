internal import Synchronization
internal import System

/// The threads of a database: started one after the other, awaited at the end.
final class StoreThreads: Sendable {
    private struct State {
        var running: [String: Int] = [:]
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Starts a thread and waits until its body has called `ready`; throws what the body throws before. Blocks.
    func start(name: String, _ body: @escaping @Sendable (_ ready: () -> Void) throws -> Void) throws {
        let started = try Semaphore()
        let failure = Failure()
        state.withLock { state in state.running[name, default: 0] += 1 }
        _ = try Thread.start(name: name) { [self] in
            do {
                try body { started.signal() }
            } catch {
                failure.error.withLock { $0 = error }
                started.signal()
            }
            end(name)
        }
        started.wait()
        if let error = failure.error.withLock(\.self) { throw error }
    }

    private func end(_ name: String) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running[name, default: 0] -= 1
            return state.running[name] == 0 ? state.waiting.removeValue(forKey: name) : nil
        }
        waiting?.resume()
    }

    /// Returns when no thread of that name runs. For one caller.
    func finished(_ name: String) async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if state.running[name, default: 0] == 0 { return true }
                state.waiting[name] = continuation
                return false
            }
            if isFinished { continuation.resume() }
        }
    }

    /// What a thread's body threw, handed to who started it.
    private final class Failure: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }
}
