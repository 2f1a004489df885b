/// Why a wait for a socket ended.
enum Readiness {
    case ready
    case timedOut
    case draining
    case closed
}

/// One direction of a socket: whether it is worth trying, and the task that waits for it. On the loop.
final class Direction {
    /// Not known to block: set by an event, cleared when a call was told to wait. No event is missed between the two,
    /// because events are edges and all of it happens on one thread.
    var isReady = true
    private var isWaiting = false
    private let waiter = Waiter<Readiness>()
    private var timer: LoopTimer?
    private let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func wait(until deadline: Deadline) async throws -> Readiness {
        precondition(!isWaiting, "two tasks read, or two write, one connection")
        if deadline != .never {
            let timer = self.timer ?? LoopTimer { [unowned self] in wake(.timedOut) }
            self.timer = timer
            loop.own.timers.set(timer, deadline)
        }
        isWaiting = true
        defer {
            isWaiting = false
            if let timer { loop.own.timers.cancel(timer) }
        }
        return try await waiter.wait()
    }

    /// Ends the wait, if there is one: a later reason must not be taken for that of the next wait.
    func wake(_ readiness: Readiness) {
        guard isWaiting else { return }
        isWaiting = false
        waiter.resume(.success(readiness))
    }

    /// The socket is closed.
    func close() {
        if let timer { loop.own.timers.remove(timer) }
        timer = nil
        wake(.closed)
    }
}
