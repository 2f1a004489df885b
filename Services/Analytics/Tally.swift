import Contracts
import System

/// What a batch of events adds to the metrics, gathered in memory: a batch then costs a row for each bucket it touches
/// instead of several for each event.
struct Tally {
    /// The values of one series that have the same key.
    struct Line: Hashable {
        let series: Int64
        let key: String
    }

    private(set) var counts: [Line: Timeline<Int64>] = [:]
    private(set) var durations: [Line: Timeline<LatencyHistogram>] = [:]
    private(set) var users: [Line: Timeline<DistinctCount>] = [:]
    /// What reports of their owners will be compared with: numbers by subject.
    private(set) var counted: [String: [String: Int64]] = [:]
    /// Films by showtime.
    private(set) var movies: [String: String] = [:]
    /// What came in of gateways' logs, by their ids.
    private(set) var gateways: [String: GatewayEntries] = [:]

    /// Adds to a metric, of all and of each dimension; a negative number takes back what was counted for that instant.
    mutating func add(_ number: Int64, to metric: Metric, at time: Timestamp, _ keys: (Dimension, String?)...) {
        let minute = Span.minute.start(of: time.milliseconds)
        add(number, metric, .total, "", minute)
        for (dimension, key) in keys {
            if let key { add(number, metric, dimension, Key.bounded(key), minute) }
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
        add(amount, metric, .total, Key.currencyMark + currency, minute)
        for (dimension, key) in keys {
            add(amount, metric, dimension, Key.bounded(key) + Key.currencyMark + currency, minute)
        }
    }

    private mutating func add(
        _ number: Int64,
        _ metric: Metric,
        _ dimension: Dimension,
        _ key: String,
        _ minute: Int64
    ) {
        let line = Line(series: Series(metric, dimension).number, key: key)
        counts[line, default: .init()].change(minute, from: 0) { $0 += number }
    }

    /// Notes a duration in microseconds.
    mutating func record(_ microseconds: Int64, in metric: Metric, at time: Timestamp, _ keys: (Dimension, String?)...)
    {
        let minute = Span.minute.start(of: time.milliseconds)
        for (dimension, key) in [(.total, "")] + keys {
            guard let key else { continue }
            let line = Line(series: Series(metric, dimension).number, key: Key.bounded(key))
            durations[line, default: .init()].change(minute, from: .init()) { $0.record(microseconds) }
        }
    }

    /// Notes one of those whom a metric tells apart.
    mutating func note(_ id: Identifier, in metric: Metric, at time: Timestamp) {
        let line = Line(series: Series(metric).number, key: "")
        users[line, default: .init()].change(Span.minute.start(of: time.milliseconds), from: .init()) { $0.note(id) }
    }

    /// Counts what a report of its owner will be compared with.
    mutating func count(_ what: String, _ number: Int64, of subject: String) {
        counted[subject, default: [:]][what, default: 0] += number
    }

    /// What was counted of a subject since the last time.
    mutating func takeCounted(of subject: String) -> [String: Int64] {
        counted.removeValue(forKey: subject) ?? [:]
    }

    /// Notes which film a showtime shows.
    mutating func keep(movie: String, of showtime: String) {
        movies[showtime] = movie
    }

    /// Notes an entry of a gateway's log.
    mutating func note(_ request: GatewayRequest) {
        gateways[request.gatewayID, default: GatewayEntries(request)].add(request)
    }
}

/// Values by the minutes of event time, ascending.
struct Timeline<Value> {
    private(set) var entries: [(minute: Int64, value: Value)] = []

    /// Changes the value of a minute.
    mutating func change(_ minute: Int64, from start: @autoclosure () -> Value, _ change: (inout Value) -> Void) {
        let index = place(of: minute)
        if index == entries.count || entries[index].minute != minute { entries.insert((minute, start()), at: index) }
        change(&entries[index].value)
    }

    /// Where a minute stands or is to stand; events come more or less in their order.
    private func place(of minute: Int64) -> Int {
        guard let last = entries.last, minute <= last.minute else { return entries.count }
        var range = entries.indices
        while range.count > 1 {
            let middle = range.lowerBound + range.count / 2
            range = entries[middle].minute <= minute ? middle..<range.upperBound : range.lowerBound..<middle
        }
        return entries[range.lowerBound].minute < minute ? range.lowerBound + 1 : range.lowerBound
    }
}

/// What came in of one gateway's log.
struct GatewayEntries: Sendable {
    var first: Int64
    var last: Int64
    var received: Int64 = 0
    var dropped: Int64
    var seenAt: Timestamp

    /// Of none, as of an entry.
    init(_ request: GatewayRequest) {
        (first, last) = (request.sequence, request.sequence)
        (dropped, seenAt) = (request.dropped, request.timestamp)
    }

    mutating func add(_ request: GatewayRequest) {
        (first, last) = (min(first, request.sequence), max(last, request.sequence))
        received += 1
        (dropped, seenAt) = (max(dropped, request.dropped), max(seenAt, request.timestamp))
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
