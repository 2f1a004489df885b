/// Notices that the wall clock was set back, by comparing it with the monotonic clock. One thread.
public struct ClockSteps: Sendable {
    /// What is no step: the clocks are read one after the other, and time servers slow the wall clock down.
    private static let toleranceMilliseconds: Int64 = 500

    /// The most that the wall clock has been ahead of the monotonic clock since the last step back.
    private var lead: Int64?

    /// Nothing has been seen yet.
    public init() {}

    /// Whether the wall clock, which shows `wall` now, was set back since the last call.
    public mutating func hasGoneBack(
        _ wall: Timestamp,
        monotonic: UInt64 = MonotonicClock.nanoseconds
    ) -> Bool {
        let present = wall.milliseconds - Int64(monotonic / 1_000_000)
        guard let known = lead, present < known - Self.toleranceMilliseconds else {
            lead = max(lead ?? present, present)
            return false
        }
        lead = present
        return true
    }
}
