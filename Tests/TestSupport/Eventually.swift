import System

/// A condition that did not come true in time.
public struct Timeout: Error, CustomStringConvertible {
    /// What was waited for, and for how long.
    public let description: String
}

/// Waits until `condition` is true, looking every 20 ms; throws `Timeout` naming `what` after `seconds`. Errors of the
/// condition count as not yet, and the last one is in the message.
public func eventually(
    _ what: String,
    within seconds: Double = 30,
    _ condition: () async throws -> Bool
) async throws {
    _ = try await eventually(what, within: seconds) { try await condition() ? true : nil }
}

/// Waits until `value` is not nil and returns it; see `eventually(_:within:_:)` for the rest.
public func eventually<Value>(
    _ what: String,
    within seconds: Double = 30,
    _ value: () async throws -> Value?
) async throws -> Value {
    let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
    var cause = ""
    repeat {
        do {
            if let found = try await value() { return found }
        } catch {
            cause = ", last error: \(error)"
        }
        try await Task.sleep(for: .milliseconds(20))
    } while MonotonicClock.nanoseconds < deadline
    throw Timeout(description: "not within \(seconds) s: \(what)\(cause)")
}
