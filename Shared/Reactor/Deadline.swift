import System

/// The instant by which something must have happened, on the monotonic clock. Timers are coarse: a deadline is noticed
/// up to a millisecond late, never early.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds of `MonotonicClock`.
    public let nanoseconds: UInt64

    /// The deadline at an instant of `MonotonicClock`.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The deadline that never comes.
    public static let never = Deadline(nanoseconds: .max)

    /// The deadline a duration from now.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline(nanoseconds: MonotonicClock.nanoseconds).adding(duration)
    }

    /// The deadline a duration later; `never` stays `never`.
    public func adding(_ duration: Duration) -> Deadline {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return overflow ? .never : Deadline(nanoseconds: sum)
    }

    /// The earlier one comes first.
    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, negative ones as zero, what does not fit as the maximum.
    var wholeNanoseconds: UInt64 {
        UInt64(clamping: attoseconds / 1_000_000_000)
    }
}
