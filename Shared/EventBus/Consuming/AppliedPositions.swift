public import Persistence
public import Reactor
import Synchronization

/// How far the consumers of a process have come with what each source wrote; who reads may wait for a place. A place of a
/// topic that nobody here consumes is nothing to wait for. Any thread.
public final class AppliedPositions: Sendable {
    private struct State {
        var groups: [String: Set<String>] = [:]
        var rows: [String: [OutboxPosition.Stream: Int64]] = [:]
        var waiters: [ObjectIdentifier: Waiter<Void>] = [:]

        func has(_ position: OutboxPosition) -> Bool {
            groups[position.stream.topic, default: []].allSatisfy { group in
                rows[group]?[position.stream].map { $0 >= position.row } ?? false
            }
        }
    }

    private let state = Mutex(State())

    /// Without consumers.
    public init() {}

    /// Whether every consumer of their topics has applied the places.
    public func have(_ positions: [OutboxPosition]) -> Bool {
        state.withLock { state in positions.allSatisfy(state.has) }
    }

    /// Waits until ``have(_:)`` is true: false when the deadline came first. On the loop.
    public func wait(
        for positions: [OutboxPosition],
        on loop: EventLoop,
        until deadline: Deadline
    ) async throws -> Bool {
        if have(positions) { return true }
        let waiter = Waiter<Void>()
        state.withLock { $0.waiters[ObjectIdentifier(waiter)] = waiter }
        defer { state.withLock { $0.waiters[ObjectIdentifier(waiter)] = nil } }
        while !have(positions) {
            do {
                try await loop.wait(for: waiter, until: deadline)
            } catch is DeadlineExceeded {
                return have(positions)
            }
        }
        return true
    }

    /// A group that consumes a topic here.
    func add(group: String, topics: some Sequence<String>) {
        state.withLock { state in
            for topic in topics { state.groups[topic, default: []].insert(group) }
        }
    }

    /// What a group has applied, after the commit that did it, or as kept from the last run.
    func advance(_ group: String, to positions: [OutboxPosition]) {
        let waiters = state.withLock { state in
            for position in positions {
                let known = state.rows[group]?[position.stream] ?? 0
                state.rows[group, default: [:]][position.stream] = max(known, position.row)
            }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(.success(())) }
    }
}
