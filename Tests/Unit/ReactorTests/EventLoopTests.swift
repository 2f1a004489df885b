import Reactor
import Testing

@Suite struct EventLoopTests {
    @Test func `tasks stay on their loop through waits and child tasks`() async throws {
        try await withLoops(2) { group in
            let loop = group.loops[0]
            #expect(loop.isCurrent)
            try await loop.sleep(for: .milliseconds(1))
            #expect(loop.isCurrent)
            await withDiscardingTaskGroup { tasks in
                for _ in 0..<10 {
                    tasks.addTask {
                        try? await loop.yield()
                        #expect(loop.isCurrent)
                    }
                }
            }
            let isOnItsOwnLoop = try await group.loops[1].run { group.loops[1].isCurrent && !loop.isCurrent }
            #expect(isOnItsOwnLoop)
            #expect(loop.isCurrent)
        }
    }

    @Test func `sleepers wake in the order of their deadlines and not early`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let order = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for delay in [30, 10, 20, 1] {
                    tasks.addTask(executorPreference: loop) {
                        let deadline = Deadline.after(.milliseconds(delay))
                        try await loop.sleep(until: deadline)
                        #expect(Deadline.after(.zero) >= deadline)
                        return delay
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(order == [1, 10, 20, 30])
        }
    }

    @Test func `a value from another thread reaches the waiting task`() async throws {
        try await withLoops(2) { group in
            let waiter = Waiter<Int>()
            let other = group.loops[1]
            for number in 0..<200 {
                Task(executorPreference: other) { waiter.resume(.success(number)) }
                let received = try await waiter.wait()
                #expect(received == number)
            }
        }
    }

    @Test func `a wait without a value ends at its deadline`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            await #expect(throws: DeadlineExceeded.self) {
                try await loop.wait(for: Waiter<Int>(), until: .after(.milliseconds(5)))
            }
        }
    }

    @Test func `the cancellation of one task is not taken for that of the next`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let waiter = Waiter<Int>()
            let first = Task(executorPreference: loop) { try await waiter.wait() }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            waiter.resume(.success(3))
            let received = try await waiter.wait()
            #expect(received == 3)
        }
    }

    @Test func `each loop has its own local value`() async throws {
        try await withLoops(2) { group in
            let counter = LoopLocal<Int> { $0.index * 100 }
            for loop in group.loops {
                let value = try await loop.run {
                    counter[loop] += 1
                    counter[loop] += 1
                    return counter[loop]
                }
                #expect(value == loop.index * 100 + 2)
            }
        }
    }
}

@Suite struct WorkerPoolTests {
    @Test func `blocking work runs beside the loop and gives its result or error`() async throws {
        struct Refused: Error {}
        let pool = try WorkerPool(name: "test", threads: 2, queueLimit: 10)
        defer { pool.shutdown() }
        try await withLoops { group in
            let loop = group.loops[0]
            let isOnLoop = try await pool.run { loop.isCurrent }
            #expect(!isOnLoop)
            await #expect(throws: Refused.self) { try await pool.run { throw Refused() } }
            #expect(loop.isCurrent)
        }
    }

    @Test func `a full queue refuses work`() async throws {
        let pool = try WorkerPool(name: "test", threads: 0, queueLimit: 1)
        try await withLoops { group in
            let first = Task(executorPreference: group.loops[0]) { try await pool.run { 1 } }
            while pool.queued == 0 { try await group.loops[0].yield() }
            await #expect(throws: WorkerPool.Full.self) { try await pool.run { 2 } }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
        }
    }
}
