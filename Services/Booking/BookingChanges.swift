import Reactor
import Synchronization
import System

/// Tells calls that wait for a booking's decision that it has changed. Announced after commit, on any thread.
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
        waiting.withLock { $0[id, default: [:]][ObjectIdentifier(waiter)] = waiter }
        defer {
            waiting.withLock { waiting in
                waiting[id]?[ObjectIdentifier(waiter)] = nil
                if waiting[id]?.isEmpty == true { waiting[id] = nil }
            }
        }
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
}
