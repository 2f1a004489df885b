public import Reactor
import Synchronization
public import System

/// Tells calls and streams that wait for a thing of a service that it has changed. Announced after commit, on any thread.
public final class Changes<Value: Sendable>: Sendable {
    /// What an announcement brings: the thing as it is now, or nil for one that is to be read.
    fileprivate typealias Change = Waiter<Value?>

    /// Somebody who has an eye on a thing, from when it is made until it is let go.
    public final class Watch: Sendable {
        /// The thing.
        public let id: Identifier
        fileprivate let change = Change()
        private let changes: Changes

        fileprivate init(_ id: Identifier, _ changes: Changes) {
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

    /// Nobody waits.
    public init() {}

    /// Wakes who waits for the thing.
    public func announce(_ id: Identifier, now value: Value? = nil) {
        let changes = waiting.withLock { $0[id].map { Array($0.values) } ?? [] }
        for change in changes { change.resume(.success(value)) }
    }

    /// From now on no change of a thing is missed.
    public func watch(_ id: Identifier) -> Watch { Watch(id, self) }

    /// Waits until a thing is decided or the deadline has passed; how it was last, nil when that is not known. A thing that
    /// was watched before it was made (`isNew`) is told by its announcement; another is read first. On the loop.
    public func wait(
        _ watch: Watch,
        isNew: Bool,
        on loop: EventLoop,
        until deadline: Deadline,
        isDecided: (Value) -> Bool,
        read: () async throws -> Value?
    ) async throws -> Value? {
        var value: Value?
        if !isNew {
            value = try await read()
            guard let value, !isDecided(value) else { return value }
        }
        while true {
            do {
                value = try await loop.wait(for: watch.change, until: deadline)
            } catch is DeadlineExceeded {
                return value
            }
            if value == nil { value = try await read() }
            guard let value, !isDecided(value) else { return value }
        }
    }

    /// Waits for the next announcement; false when the deadline has passed. On the loop.
    func next(_ watch: Watch, on loop: EventLoop, until deadline: Deadline) async throws -> Bool {
        do {
            _ = try await loop.wait(for: watch.change, until: deadline)
            return true
        } catch is DeadlineExceeded {
            return false
        }
    }

    /// Calls `look` at once and after each announcement, until it says that it has seen enough. On the loop.
    public func follow(_ id: Identifier, _ look: () async throws -> Bool) async throws {
        let watch = watch(id)
        while try await look() { _ = try await watch.change.wait() }
    }
}
