internal import Synchronization
internal import System

/// Who waits for a write.
public enum WritePriority: Sendable {
    /// Someone waits for an answer: goes first.
    case request
    /// A consumer or housekeeping: goes when no request is queued, and at least once a group.
    case background
}

/// The bounded queue between callers and store threads: two lanes, any number of threads on either side.
final class JobQueue<Job: Sendable>: Sendable {
    private struct State {
        var requests = Lane<Job>()
        var background = Lane<Job>()
        var sleepers = 0
        var isClosed = false

        var isEmpty: Bool { requests.isEmpty && background.isEmpty }
    }

    private let state = Mutex(State())
    private let wakeUp: Semaphore
    private let capacity: Int

    /// `capacity` counts the jobs of each lane.
    init(capacity: Int) throws {
        self.wakeUp = try Semaphore()
        self.capacity = capacity
    }

    /// Queues a job; throws `overloaded` or `closed`.
    func push(_ job: Job, _ priority: WritePriority) throws(DatabaseError) {
        let wakes = try state.withLock { state throws(DatabaseError) in
            guard !state.isClosed else { throw DatabaseError(.closed, "the database is closed") }
            switch priority {
            case .request: try state.requests.append(job, capacity)
            case .background: try state.background.append(job, capacity)
            }
            guard state.sleepers > 0 else { return false }
            state.sleepers -= 1
            return true
        }
        if wakes { wakeUp.signal() }
    }

    /// Jobs that wait.
    var count: Int {
        state.withLock { state in state.requests.count + state.background.count }
    }

    /// The next job if there is one, of the other lane if the preferred one is empty.
    func take(_ preferred: WritePriority = .request) -> Job? {
        state.withLock { state in
            switch preferred {
            case .request: state.requests.popFirst() ?? state.background.popFirst()
            case .background: state.background.popFirst() ?? state.requests.popFirst()
            }
        }
    }

    /// What a wait ended with.
    enum Wait { case work, idle, closed }

    /// Sleeps until there is work, the queue has been closed and emptied, or the given time is over.
    func wait(idleMilliseconds: Int32?) -> Wait {
        let known: Wait? = state.withLock { state in
            if !state.isEmpty { return .work }
            if state.isClosed { return .closed }
            state.sleepers += 1
            return nil
        }
        if let known { return known }
        guard let idleMilliseconds, !wakeUp.wait(milliseconds: idleMilliseconds) else {
            if idleMilliseconds == nil { wakeUp.wait() }
            return .work
        }
        let isSignalled = state.withLock { state in
            guard state.sleepers > 0 else { return true }
            state.sleepers -= 1
            return false
        }
        guard isSignalled else { return .idle }
        wakeUp.wait()  // The signal of a push that saw this thread asleep; taking it keeps the count right.
        return .work
    }

    /// Refuses further jobs; what is queued is still taken.
    func close() {
        let sleepers = state.withLock { state in
            state.isClosed = true
            defer { state.sleepers = 0 }
            return state.sleepers
        }
        for _ in 0..<sleepers { wakeUp.signal() }
    }
}

/// First in, first out; lets go of what has been taken.
private struct Lane<Job> {
    private var jobs: [Job?] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }
    var count: Int { jobs.count - head }

    mutating func append(_ job: Job, _ capacity: Int) throws(DatabaseError) {
        guard count < capacity else {
            throw DatabaseError(.overloaded, "\(capacity) calls of this kind are queued")
        }
        if head > 64, head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        jobs.append(job)
    }

    mutating func popFirst() -> Job? {
        guard head < jobs.count else { return nil }
        defer {
            jobs[head] = nil
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                head = 0
            }
        }
        return jobs[head]
    }
}
