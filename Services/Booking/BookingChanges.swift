import Reactor
import Synchronization
import System

/// Tells calls and streams that wait for a booking that it has changed. Announced after commit, on any thread.
final class BookingChanges: Sendable {
    private let waiting = Mutex<[Identifier: [ObjectIdentifier: Waiter<Void>]]>([:])

    /// Wakes who waits for the booking.
    func announce(_ booking: Identifier) {
        let waiters = waiting.withLock { $0[booking].map { Array($0.values) } ?? [] }
        for waiter in waiters { waiter.resume(.success(())) }
    }

    /// Reads the booking again and again, after each announcement, until it is decided or the deadline has passed; the
    /// last reading in any case. On the loop.
    func waitUntilDecided(
        _ id: Identifier,
        on loop: EventLoop,
        until deadline: Deadline,
        read: () async throws -> Booking?
    ) async throws -> Booking? {
        let waiter = Waiter<Void>()
        add(waiter, to: id)
        defer { remove(waiter, from: id) }
        while true {
            let booking = try await read()
            guard let booking, !booking.state.isDecided else { return booking }
            do {
                try await loop.wait(for: waiter, until: deadline)
            } catch is DeadlineExceeded {
                return booking
            }
        }
    }

    /// Calls `look` at once and after each announcement, until it says that it has seen enough. On the loop.
    func follow(_ id: Identifier, _ look: () async throws -> Bool) async throws {
        let waiter = Waiter<Void>()
        add(waiter, to: id)
        defer { remove(waiter, from: id) }
        while try await look() { try await waiter.wait() }
    }

    private func add(_ waiter: Waiter<Void>, to id: Identifier) {
        waiting.withLock { $0[id, default: [:]][ObjectIdentifier(waiter)] = waiter }
    }

    private func remove(_ waiter: Waiter<Void>, from id: Identifier) {
        waiting.withLock { waiting in
            waiting[id]?[ObjectIdentifier(waiter)] = nil
            if waiting[id]?.isEmpty == true { waiting[id] = nil }
        }
    }
}
