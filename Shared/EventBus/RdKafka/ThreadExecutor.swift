import Synchronization
import System

/// A thread of our own as the executor of one task, so a loop that blocks in librdkafka can await the database and comes
/// back to its thread. Rule: it carries that one task; a second would wait while the first blocks.
final class ThreadExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let ready: Semaphore
    private let isClosing = Atomic<Bool>(false)

    private init() throws {
        ready = try Semaphore()
    }

    /// Runs `body` as a task on a new thread that ends with it.
    static func run(name: String, _ body: @escaping @Sendable () async -> Void) throws -> Task<Void, Never> {
        let executor = try ThreadExecutor()
        // Not joined: the thread ends by itself when its task has ended.
        _ = try Thread.start(name: name) { executor.serve() }
        return Task(executorPreference: executor) {
            await body()
            executor.isClosing.store(true, ordering: .releasing)
            executor.ready.signal()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        jobs.withLock { $0.append(unowned) }
        ready.signal()
    }

    private func serve() {
        while true {
            ready.wait()
            let next = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let next {
                unsafe next.runSynchronously(on: asUnownedTaskExecutor())
            } else if isClosing.load(ordering: .acquiring) {
                return
            }
        }
    }
}

/// Wakes one thread of our own; many wakings before it looks are one.
final class Wake: Sendable {
    private let isSet = Atomic<Bool>(false)
    private let semaphore: Semaphore

    init() throws {
        semaphore = try Semaphore()
    }

    func signal() {
        if !isSet.exchange(true, ordering: .acquiringAndReleasing) { semaphore.signal() }
    }

    /// False when nobody signalled within the time. Blocks: only on a thread of our own.
    func wait(milliseconds: Int32) -> Bool {
        guard semaphore.wait(milliseconds: milliseconds) else { return false }
        isSet.store(false, ordering: .sequentiallyConsistent)
        return true
    }
}
