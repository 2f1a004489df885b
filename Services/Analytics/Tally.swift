import System

/// What a batch of events adds to the metrics, gathered in memory: a batch then costs a row for each bucket it touches
/// instead of several for each event.
struct Tally {
    /// A value of a series in a minute of event time.
    struct Point: Hashable {
        let series: Int64
        /// The minute's start in milliseconds.
        let minute: Int64
        let key: String
    }

    private(set) var counts: [Point: Int64] = [:]
    private(set) var durations: [Point: LatencyHistogram] = [:]
    private(set) var users: [Point: DistinctCount] = [:]

    /// Adds to a metric, of all and of each dimension; a negative number takes back what was counted for that instant.
    mutating func add(_ number: Int64, to metric: Metric, at time: Timestamp, _ keys: (Dimension, String?)...) {
        let minute = Span.minute.start(of: time.milliseconds)
        counts[Point(series: Series(metric).number, minute: minute, key: ""), default: 0] += number
        for (dimension, key) in keys {
            guard let key else { continue }
            let point = Point(series: Series(metric, dimension).number, minute: minute, key: Key.bounded(key))
            counts[point, default: 0] += number
        }
    }

    /// Adds an amount of money, which is never summed over currencies: the key of each value ends with its own.
    mutating func add(
        _ amount: Int64,
        _ currency: String,
        to metric: Metric,
        at time: Timestamp,
        _ keys: (Dimension, String)...
    ) {
        let minute = Span.minute.start(of: time.milliseconds)
        for (dimension, key) in [(.total, "")] + keys {
            let key = Key.bounded(key) + Key.currencyMark + currency
            counts[Point(series: Series(metric, dimension).number, minute: minute, key: key), default: 0] += amount
        }
    }

    /// Notes a duration in microseconds.
    mutating func record(_ microseconds: Int64, in metric: Metric, at time: Timestamp, _ keys: (Dimension, String?)...)
    {
        let minute = Span.minute.start(of: time.milliseconds)
        durations[Point(series: Series(metric).number, minute: minute, key: ""), default: .init()].record(microseconds)
        for (dimension, key) in keys {
            guard let key else { continue }
            let point = Point(series: Series(metric, dimension).number, minute: minute, key: Key.bounded(key))
            durations[point, default: .init()].record(microseconds)
        }
    }

    /// Notes one of those whom a metric tells apart.
    mutating func note(_ id: Identifier, in metric: Metric, at time: Timestamp) {
        let point = Point(series: Series(metric).number, minute: Span.minute.start(of: time.milliseconds), key: "")
        users[point, default: .init()].note(id)
    }
}

/// The keys of values as the tables hold them.
enum Key {
    /// Bytes of a key; a longer one is cut.
    static let limit = 200
    /// Between a key and the currency of its value.
    static let currencyMark = "\u{1F}"

    static func bounded(_ key: String) -> String {
        guard key.utf8.count > limit else { return key }
        var end = key.startIndex
        for index in key.indices where key.utf8.distance(from: key.startIndex, to: index) <= limit { end = index }
        return String(key[..<end])
    }
}
