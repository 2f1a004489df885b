import Synchronization
import System

/// Syncs many files at once: each `fdatasync` of a grown file waits for the file system's journal, and those that wait
/// together share one journal commit.
final class SyncPool: Sendable {
    /// Threads that wait in `fdatasync`; they use no processor time.
    static let threads = 16

    /// Started by the first round with several files.
    private let queue = Mutex<WorkQueue?>(nil)
    private let done: Semaphore
    private let failure = Mutex<SystemError?>(nil)

    init() throws {
        done = try Semaphore()
    }

    /// Returns when all files are synced, or throws the first error when all calls are over. One caller at a time.
    func synchronize(_ files: [any LogFile]) throws(SystemError) {
        guard files.count > 1, let queue = started() else {
            for file in files { try file.synchronize() }
            return
        }
        let shares = min(files.count, Self.threads)
        for share in 0..<shares {
            let work: @Sendable () -> Void = { [self] in
                for index in stride(from: share, to: files.count, by: shares) { synchronize(files[index]) }
                done.signal()
            }
            // A stopped queue takes nothing: then the caller does it.
            if !queue.submit(work) { work() }
        }
        for _ in 0..<shares { done.wait() }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    func stop() { queue.withLock { $0 }?.stop() }

    /// Nil when the machine gives no more threads: then one after the other.
    private func started() -> WorkQueue? {
        queue.withLock { queue in
            if queue == nil { queue = try? WorkQueue(name: "log-sync", threads: Self.threads) }
            return queue
        }
    }

    private func synchronize(_ file: any LogFile) {
        do throws(SystemError) {
            try file.synchronize()
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }
}
