/// A timer of one loop. It fires once for each deadline that was set and not replaced.
///
/// Moving the deadline later, as each request on a connection does, costs a store: the queue's entry stays where it is and
/// is put back when it comes up too early.
final class LoopTimer {
    fileprivate(set) var deadline = UInt64.max
    /// When the queue will look at this timer next; `max` when it holds no entry.
    fileprivate var queued = UInt64.max
    fileprivate let fire: () -> Void

    init(_ fire: @escaping () -> Void) {
        self.fire = fire
    }
}

/// The timers of one loop: a binary heap with lazy removal.
struct TimerQueue {
    private struct Entry {
        let time: UInt64
        let timer: LoopTimer
    }

    private var heap: [Entry] = []
    private var idle = 0

    var count: Int { heap.count }

    /// When the earliest entry comes up; `max` without one.
    var next: UInt64 { heap.first?.time ?? .max }

    mutating func set(_ timer: LoopTimer, _ deadline: Deadline) {
        timer.deadline = deadline.nanoseconds
        guard timer.deadline < timer.queued else { return }
        if timer.queued != .max { idle += 1 }
        timer.queued = timer.deadline
        push(Entry(time: timer.deadline, timer: timer))
    }

    /// The timer will not fire; its entry goes away later.
    mutating func cancel(_ timer: LoopTimer) {
        timer.deadline = .max
    }

    /// Lets go of a timer that is not used again, so that short-lived sockets do not fill the heap.
    mutating func remove(_ timer: LoopTimer) {
        timer.deadline = .max
        guard timer.queued != .max else { return }
        timer.queued = .max
        idle += 1
        guard idle > 64, idle * 2 > heap.count else { return }
        let kept = heap.filter { $0.time == $0.timer.queued }
        heap.removeAll(keepingCapacity: true)
        idle = 0
        for entry in kept { push(entry) }
    }

    /// Takes out what is due, in order; the caller fires it.
    mutating func popDue(now: UInt64) -> LoopTimer? {
        while let first = heap.first, first.time <= now {
            popFirst()
            let timer = first.timer
            guard first.time == timer.queued else {
                idle -= 1
                continue
            }
            timer.queued = .max
            if timer.deadline <= now {
                timer.deadline = .max
                return timer
            }
            if timer.deadline != .max {
                timer.queued = timer.deadline
                push(Entry(time: timer.deadline, timer: timer))
            }
        }
        return nil
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].time < heap[parent].time else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func popFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].time < heap[smallest].time {
                smallest = child
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

extension LoopTimer {
    /// Runs what the timer is for.
    func expire() { fire() }
}
