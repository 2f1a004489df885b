import BlobStore
import Reactor
import Synchronization

/// The slots that are free, and who waits for one, first come first served.
final class SlotPool: Sendable {
    private let state: Mutex<State>
    /// All of them.
    let slots: [JobSlot]

    private struct State {
        var free: [JobSlot]
        var waiting: [Waiter<JobSlot>] = []
    }

    init(_ slots: [JobSlot]) {
        self.slots = slots
        state = Mutex(State(free: slots))
    }

    /// Jobs that wait for a slot, and that have one.
    var waiting: Int { state.withLock(\.waiting.count) }
    var busy: Int { state.withLock { slots.count - $0.free.count } }

    /// Runs `body` with a slot that nobody else has meanwhile.
    func withSlot<Result: Sendable>(_ body: (JobSlot) async throws -> Result) async throws -> Result {
        let slot = try await take()
        defer { give(slot) }
        return try await body(slot)
    }

    private func take() async throws -> JobSlot {
        let waiter = Waiter<JobSlot>()
        let free: JobSlot? = state.withLock { state in
            if let slot = state.free.popLast() { return slot }
            state.waiting.append(waiter)
            return nil
        }
        if let free { return free }
        return try await waiter.wait()
    }

    private func give(_ slot: JobSlot) {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.free.append(slot)
            } else {
                state.waiting.removeFirst().resume(.success(slot))
            }
        }
    }

    /// Those that are free, taken out of use for `body`: for housekeeping.
    func withFree(_ body: (JobSlot) -> Void) {
        let free = state.withLock { state in
            defer { state.free = [] }
            return state.free
        }
        for slot in free {
            body(slot)
            give(slot)
        }
    }
}
