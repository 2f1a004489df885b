import Reactor
import Synchronization

/// Bytes of requests that are being read or answered, of all connections together (`queued.max.request.bytes`). Who would
/// go beyond waits until others are answered: its connection is not read meanwhile. Any thread.
final class RequestMemory: Sendable {
    /// Requests below are not counted: their number is bounded by other limits.
    static let smallest = 16 << 10

    private struct State {
        var used = 0
        var waiting: [(id: UInt64, bytes: Int, waiter: Waiter<Void>)] = []
        var nextID: UInt64 = 0
    }

    /// A request's share, given back when nobody holds this any longer.
    final class Lease: Sendable {
        private let memory: RequestMemory
        private let bytes: Int

        fileprivate init(_ memory: RequestMemory, _ bytes: Int) {
            self.memory = memory
            self.bytes = bytes
        }

        deinit { memory.release(bytes) }
    }

    let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Bytes in use.
    var used: Int { state.withLock { $0.used } }

    /// Waits, in order of arrival, until there is room; nil for a small request. A request larger than all there is waits
    /// until it is alone. Errors: DeadlineExceeded, ConnectionError.
    func reserve(_ bytes: Int, on loop: EventLoop, until deadline: Deadline) async throws -> Lease? {
        guard bytes >= Self.smallest else { return nil }
        let bytes = min(bytes, limit)
        let waiter = Waiter<Void>()
        let ticket = state.withLock { state -> UInt64? in
            guard !state.waiting.isEmpty || state.used + bytes > limit else {
                state.used += bytes
                return nil
            }
            state.nextID += 1
            state.waiting.append((state.nextID, bytes, waiter))
            return state.nextID
        }
        guard let ticket else { return Lease(self, bytes) }
        do {
            try await loop.wait(for: waiter, until: deadline)
        } catch {
            let wasWaiting = state.withLock { state in
                let count = state.waiting.count
                state.waiting.removeAll { $0.id == ticket }
                return state.waiting.count < count
            }
            // It may have been granted in the last moment.
            if !wasWaiting { release(bytes) }
            throw error
        }
        return Lease(self, bytes)
    }

    private func release(_ bytes: Int) {
        let granted = state.withLock { state in
            state.used -= bytes
            var granted: [Waiter<Void>] = []
            while let next = state.waiting.first, state.used + next.bytes <= limit {
                state.used += next.bytes
                granted.append(next.waiter)
                state.waiting.removeFirst()
            }
            return granted
        }
        for waiter in granted { waiter.resume(.success(())) }
    }
}
