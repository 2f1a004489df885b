import CPlatform
import System

/// What one loop's thread owns: jobs, timers, sockets, spare buffers. Safe: the pointer that `epoll_event` could hold is
/// never used, tokens are numbers.
@safe final class LoopState {
    var jobs: [UnownedJob] = []
    var now = MonotonicClock.nanoseconds
    /// Counts turns, so that a connection can tell what it moved in this one.
    var turn: UInt64 = 0
    var timers = TimerQueue()
    var buffers = BufferPool()
    var yielded: [Waiter<Void>] = []
    /// Values of `LoopLocal`, by its number.
    var locals: [AnyObject?] = []
    var events = unsafe [epoll_event](repeating: epoll_event(), count: Poller.batch)
    /// Sockets by descriptor number.
    private(set) var registrations: [Registration?] = []
    private var generation: UInt32 = 0

    func makeRegistration(_ descriptor: Int32, loop: EventLoop, owner: Listener?) -> Registration {
        generation &+= 1
        let registration = Registration(descriptor, generation: generation, loop: loop, owner: owner)
        let index = Int(descriptor)
        if index >= registrations.count {
            registrations.append(contentsOf: repeatElement(nil, count: index + 1 - registrations.count))
        }
        registrations[index] = registration
        return registration
    }

    func remove(_ registration: Registration) {
        registrations[Int(registration.descriptor)] = nil
    }

    /// Hands an event to its socket. A descriptor closed and reused within the batch has another generation.
    func deliver(_ event: Poller.Event) {
        let index = Int(event.token & 0xFFFF_FFFF)
        guard index < registrations.count, let registration = registrations[index],
            registration.token == event.token
        else { return }
        registration.deliver(event)
    }

    func fireTimers() {
        while let timer = timers.popDue(now: now) { timer.expire() }
    }

    func resumeYielded() {
        guard !yielded.isEmpty else { return }
        for waiter in yielded { waiter.resume(.success(())) }
        yielded.removeAll(keepingCapacity: true)
    }

    /// For epoll_wait: rounded up, so that a timer is due when the wait ends.
    func millisecondsToNextTimer() -> Int32 {
        let next = timers.next
        guard next != .max else { return -1 }
        let present = MonotonicClock.nanoseconds
        guard next > present else { return 0 }
        return Int32(clamping: (next - present + 999_999) / 1_000_000)
    }
}
