public import Reactor
public import System

/// A thing that another service made a moment ago: its maker may know it before its event has come here.
public enum Arrival {
    /// How old a thing may be, by its id, for it to be waited for, in milliseconds.
    public static let newestMilliseconds: Int64 = 5000
    /// How long it is waited for.
    public static let patience = Duration.seconds(1)

    /// Whether a thing may still be on its way.
    public static func isExpected(_ id: Identifier, at now: Timestamp) -> Bool {
        abs(now.milliseconds - id.time.milliseconds) < newestMilliseconds
    }
}

extension Changes {
    /// What `look` finds of a thing: at once or, of one that may still be on its way, when it has been announced; nil when it
    /// has not come in time. On the loop.
    public func find<Found>(
        _ id: Identifier,
        at now: Timestamp,
        on loop: EventLoop,
        _ look: () async throws -> Found?
    ) async throws -> Found? {
        if let found = try await look() { return found }
        guard Arrival.isExpected(id, at: now) else { return nil }
        let deadline = Deadline.after(Arrival.patience)
        let watch = watch(id)
        repeat {
            if let found = try await look() { return found }
        } while try await next(watch, on: loop, until: deadline)
        // Once more: what it depends on may have come, and that is announced under another id.
        return try await look()
    }
}
