import Reactor
import Synchronization
import System

/// Tells calls and streams that wait for a booking that it has changed. Announced after commit, on any thread.
final class BookingChanges: Sendable {
    /// What an announcement brings: the booking as it is now, or nil for one that is to be read.
    fileprivate typealias Change = Waiter<Booking?>

    /// Somebody who has an eye on a booking, from when it is made until it is let go.
    final class Watch: Sendable {
        /// The booking.
        let id: Identifier
        fileprivate let change = Change()
        private let changes: BookingChanges

        fileprivate init(_ id: Identifier, _ changes: BookingChanges) {
            self.id = id
            self.changes = changes
            changes.waiting.withLock { $0[id, default: [:]][ObjectIdentifier(change)] = change }
        }

        deinit {
            changes.waiting.withLock { waiting in
                waiting[id]?[ObjectIdentifier(change)] = nil
                if waiting[id]?.isEmpty == true { waiting[id] = nil }
            }
        }
    }

    private let waiting = Mutex<[Identifier: [ObjectIdentifier: Change]]>([:])

    /// Wakes who waits for the booking.
    func announce(_ booking: Identifier, now state: Booking? = nil) {
        let changes = waiting.withLock { $0[booking].map { Array($0.values) } ?? [] }
        for change in changes { change.resume(.success(state)) }
    }

    /// From now on no change of a booking is missed.
    func watch(_ id: Identifier) -> Watch { Watch(id, self) }

    /// Waits until a booking is decided or the deadline has passed; how it was last, nil when that is not known. A booking
    /// that was watched before it was made (`isNew`) is told by its announcement; another is read first. On the loop.
    func waitUntilDecided(
        _ watch: Watch,
        isNew: Bool,
        on loop: EventLoop,
        until deadline: Deadline,
        read: () async throws -> Booking?
    ) async throws -> Booking? {
        var booking: Booking?
        if !isNew {
            booking = try await read()
            guard let booking, !booking.state.isDecided else { return booking }
        }
        while true {
            do {
                booking = try await loop.wait(for: watch.change, until: deadline)
            } catch is DeadlineExceeded {
                return booking
            }
            if booking == nil { booking = try await read() }
            guard let booking, !booking.state.isDecided else { return booking }
        }
    }

    /// Calls `look` at once and after each announcement, until it says that it has seen enough. On the loop.
    func follow(_ id: Identifier, _ look: () async throws -> Bool) async throws {
        let watch = watch(id)
        while try await look() { _ = try await watch.change.wait() }
    }
}
