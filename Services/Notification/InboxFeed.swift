import Persistence
import Reactor
import Synchronization
import System

/// Tells the open streams of a person that the inbox has grown; they read the rows themselves, so nothing is lost between
/// the store and a stream. Any thread.
final class InboxFeed: Sendable {
    /// Entries read at once.
    private static let pageSize = 100

    private let waiters = Mutex<[Identifier: [ObjectIdentifier: Waiter<Void>]]>([:])

    func wake(_ user: Identifier) {
        let waiting = waiters.withLock { Array($0[user, default: [:]].values) }
        for waiter in waiting { waiter.resume(.success(())) }
    }

    /// Whether somebody has a stream or socket open.
    func isOpen(_ user: Identifier) -> Bool { waiters.withLock { $0[user] != nil } }

    /// Hands over a person's entries after a number, those to come included, until `send` says false, the deadline has
    /// passed (`DeadlineExceeded`) or the task is cancelled. On the stream's loop.
    func follow(
        _ user: Identifier,
        after number: Int64,
        in database: Database,
        on loop: EventLoop,
        until deadline: Deadline,
        _ send: (Notification) async throws -> Bool
    ) async throws {
        let waiter = Waiter<Void>()
        let key = ObjectIdentifier(waiter)
        waiters.withLock { $0[user, default: [:]][key] = waiter }
        defer {
            waiters.withLock { waiters in
                waiters[user]?[key] = nil
                if waiters[user]?.isEmpty == true { waiters[user] = nil }
            }
        }
        var last = number
        while true {
            let after = last
            let entries = try await database.read {
                try NotificationStore.list(of: user, after: after, limit: Self.pageSize, $0)
            }
            for entry in entries {
                guard try await send(entry) else { return }
                last = entry.number
            }
            if entries.isEmpty { try await loop.wait(for: waiter, until: deadline) }
        }
    }
}
