import Synchronization
import System

/// Looks for work for compaction every now and then, and holds it to a pace that leaves the disk to those who wait for it.
final class CleanerThread: Sendable {
    /// Pauses shorter than this are saved up.
    private static let shortestPause: Int64 = 10_000_000
    /// Unused time that may be caught up on.
    private static let burst: Int64 = 100_000_000

    private let isStopping = Atomic<Bool>(false)
    private let wake: Semaphore
    private let thread = Mutex<Thread?>(nil)
    /// When all bytes so far were due at the pace, in nanoseconds.
    private let due = Mutex<Int64>(0)
    private let bytesPerSecond: Int64
    private let interval: Int32

    init(_ configuration: LogStoreConfiguration) throws {
        wake = try Semaphore()
        bytesPerSecond = Int64(max(1, configuration.cleanerBytesPerSecond))
        interval = Int32(clamping: configuration.cleanerInterval)
    }

    /// Calls `work` every interval, again at once when it answers true. No thread when there is no interval.
    func start(_ work: @escaping @Sendable () -> Bool) throws {
        guard interval > 0 else { return }
        let started = try Thread.start(name: "log-cleaner") { [self] in
            while !isStopping.load(ordering: .relaxed) {
                if !work() { _ = wake.wait(milliseconds: interval) }
            }
        }
        thread.withLock { $0 = started }
    }

    /// Waits until so many bytes are due; false when it is time to end. Blocks.
    func spend(_ bytes: Int) -> Bool {
        let now = Int64(MonotonicClock.nanoseconds)
        let pause = due.withLock { due in
            due = max(due, now - Self.burst) + Int64(bytes) * 1_000_000_000 / bytesPerSecond
            return due - now
        }
        if pause >= Self.shortestPause, !isStopping.load(ordering: .relaxed) {
            _ = wake.wait(milliseconds: Int32(clamping: pause / 1_000_000))
        }
        return !isStopping.load(ordering: .relaxed)
    }

    /// Ends what is under way and the thread. Blocks.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        wake.signal()
        thread.withLock { $0.take() }?.join()
    }
}
