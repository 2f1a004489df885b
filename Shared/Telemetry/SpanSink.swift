import Synchronization
import System

/// Where the process's spans go: to nobody before a receiver is installed. At most ``burst`` at once and ``perSecond`` in the
/// long run are told; what is beyond costs a look at a counter, and is counted. Any thread.
public final class SpanSink: Sendable {
    /// The process's.
    public static let shared = SpanSink()
    /// Spans a second in the long run.
    public static let perSecond = 100
    /// Spans at once, after a quiet time.
    public static let burst = 2000

    private struct State {
        var receiver: (@Sendable (Span) -> Void)?
        var left = SpanSink.burst
        var filledAt = MonotonicClock.nanoseconds
    }

    private let state = Mutex(State())
    private let skipped: Counter

    /// A sink of its own, for tests.
    public init(metrics: MetricRegistry = .shared) {
        skipped = metrics.counter("trace.skipped.spans", help: "Spans beyond the rate at which they are told.")
    }

    /// Has `receiver` told of spans from now on; it must not wait. Nil ends it.
    public func install(_ receiver: (@Sendable (Span) -> Void)?) {
        state.withLock { $0.receiver = receiver }
    }

    /// Tells of a span that has ended; `span` is made only when it is told, and its trace is recorded.
    public func record(_ context: TraceContext, _ span: () -> Span) {
        guard context.isSampled else { return }
        let (receiver, isSkipped) = state.withLock { state -> ((@Sendable (Span) -> Void)?, Bool) in
            guard let receiver = state.receiver else { return (nil, false) }
            Self.fill(&state)
            guard state.left > 0 else { return (nil, true) }
            state.left -= 1
            return (receiver, false)
        }
        if isSkipped { skipped.increment() }
        receiver?(span())
    }

    private static func fill(_ state: inout State) {
        let now = MonotonicClock.nanoseconds
        let earned = (now - min(now, state.filledAt)) * UInt64(perSecond) / 1_000_000_000
        guard earned > 0 else { return }
        state.left = min(burst, state.left + Int(min(earned, UInt64(burst))))
        state.filledAt = now
    }
}
