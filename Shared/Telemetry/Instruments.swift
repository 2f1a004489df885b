import Synchronization

/// A number that only grows. Any thread.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds; the sum wraps at 2^64.
    public func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum so far.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Any thread.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// Replaces the value.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds (subtracts when negative).
    public func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, seen) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = seen
        }
    }

    /// The present value.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// Counts observations in buckets with fixed upper bounds. Any thread; a scrape may see one observation half counted.
public final class Histogram: Sendable {
    /// Bounds in seconds for latencies of requests: 1 ms to 10 s.
    public static let latencyBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let bounds: [Double]
    private let buckets: [Counter]
    private let total = Gauge()

    /// `bounds` ascending; a last bucket without bound is added.
    init(bounds: [Double]) {
        self.bounds = bounds
        self.buckets = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts one value, in the unit of the metric (seconds for durations).
    public func observe(_ value: Double) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count].increment()
        total.add(value)
    }

    /// Observations so far.
    public var count: UInt64 { buckets.reduce(0) { $0 + $1.value } }

    /// Sum of all observed values.
    public var sum: Double { total.value }

    /// Observations at most each bound, and last the count of all.
    var cumulative: [UInt64] {
        var running: UInt64 = 0
        return buckets.map {
            running += $0.value
            return running
        }
    }
}
