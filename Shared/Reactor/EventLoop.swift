import CPlatform
import Synchronization
import System

/// A thread that waits for sockets, timers and jobs, and runs the tasks that prefer it (SE-0417).
///
/// A task started with `executorPreference: loop` stays on the loop's thread through every call, so what it shares with
/// other tasks of the loop needs no lock. Nothing on a loop may block. Rule: methods say when they want to be called on
/// the loop; the others are for any thread.
public final class EventLoop: TaskExecutor {
    /// Jobs run in one turn before sockets and timers get their turn again.
    static let jobsPerTurn = 256
    /// Bytes a connection may move in one turn before the others get theirs.
    static let bytesPerTurn = 256 << 10

    /// The place of the loop in its group.
    public let index: Int
    private let poller: Poller
    private let inbox = Mutex<[UnownedJob]>([])
    private let isStopping = Atomic(false)
    // Touched by the loop's own thread alone: `own` checks that.
    private nonisolated(unsafe) let state = LoopState()

    init(index: Int) throws {
        self.index = index
        poller = try Poller()
    }

    deinit { poller.close() }

    /// The loop whose thread this is; nil on any other thread.
    public static var current: EventLoop? {
        guard let value = unsafe platform_thread_value() else { return nil }
        // Only `run` sets the value, and the loop lives as long as its thread.
        return unsafe Unmanaged<EventLoop>.fromOpaque(value).takeUnretainedValue()
    }

    /// Whether the caller is on the loop's thread.
    public var isCurrent: Bool {
        unsafe platform_thread_value() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// What only the loop's thread may touch.
    var own: LoopState {
        precondition(isCurrent, "used outside of its event loop")
        return unsafe state
    }

    /// Queues a job: without a lock from the loop's own thread, else with a wake-up when the loop may sleep.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            unsafe state.jobs.append(job)
            return
        }
        let isFirst = inbox.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { poller.wake() }
    }

    /// The time of this turn in nanoseconds of `MonotonicClock`: cheap, a little behind. On the loop.
    public var now: UInt64 { own.now }

    /// The deadline a duration after this turn's time. On the loop.
    public func deadline(after duration: Duration) -> Deadline {
        Deadline(nanoseconds: own.now).adding(duration)
    }

    // MARK: The thread

    func run() {
        unsafe platform_set_thread_value(Unmanaged.passUnretained(self).toOpaque())
        let state = own
        while true {
            takeInbox(state)
            runJobs(state)
            if isStopping.load(ordering: .acquiring), state.jobs.isEmpty, inbox.withLock({ $0.isEmpty }) { return }
            poll(state)
        }
    }

    /// Ends the thread once no job is left.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        poller.wake()
    }

    private func takeInbox(_ state: LoopState) {
        inbox.withLock { jobs in
            guard !jobs.isEmpty else { return }
            state.jobs.append(contentsOf: jobs)
            jobs.removeAll(keepingCapacity: true)
        }
    }

    private func runJobs(_ state: LoopState) {
        let executor = unsafe asUnownedTaskExecutor()
        var count = 0
        // Jobs queued meanwhile are run too, up to the limit.
        while count < state.jobs.count, count < Self.jobsPerTurn {
            let job = state.jobs[count]
            count += 1
            unsafe job.runSynchronously(on: executor)
        }
        if count == state.jobs.count {
            state.jobs.removeAll(keepingCapacity: true)
        } else {
            state.jobs.removeFirst(count)
        }
    }

    private func poll(_ state: LoopState) {
        state.turn &+= 1
        let hasWork = !state.jobs.isEmpty || !state.yielded.isEmpty
        let timeout = hasWork ? 0 : state.millisecondsToNextTimer()
        unsafe poller.wait(milliseconds: timeout, into: &state.events) { event in
            state.deliver(event)
        }
        state.now = MonotonicClock.nanoseconds
        state.fireTimers()
        state.resumeYielded()
    }

    // MARK: Sockets

    /// Starts to watch a socket. On the loop.
    func register(_ descriptor: Int32, owner: Listener?) throws -> Registration {
        let registration = own.makeRegistration(descriptor, loop: self, owner: owner)
        do {
            try poller.add(descriptor, token: registration.token)
        } catch {
            own.remove(registration)
            throw error
        }
        return registration
    }
}
