import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// A row of the sketches that cannot be read.
struct DamagedSketch: Error, CustomStringConvertible {
    let description: String
}

extension Connection {
    /// The generation that is shown.
    func liveGeneration() throws -> Int64 {
        try value("SELECT number FROM generations WHERE is_live = 1 ORDER BY number DESC LIMIT 1") ?? 1
    }

    /// The values of a query in order of start and key; 422 when there are more than an answer may have.
    func values(_ query: MetricQuery) throws -> [MetricValue] {
        let generation = query.metric.isRecent ? AnalyticsStore.recent : try liveGeneration()
        let values =
            query.metric.definition.kind == .count
            ? try sums(query, generation) : try sketches(query, generation)
        guard values.count <= MetricQuery.rowLimit else {
            throw Problem.invalid("from", "more than \(MetricQuery.rowLimit) rows: ask for less time or larger buckets")
        }
        return query.top.map { Self.top($0, of: values) } ?? values
    }

    /// Those of the keys with the most: of the sums, or of the durations' number.
    private static func top(_ number: Int, of values: [MetricValue]) -> [MetricValue] {
        var sums: [String: Double] = [:]
        for value in values { sums[value.key, default: 0] += value.count.map(Double.init) ?? value.value }
        let first = sums.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(number)
        let kept = Set(first.map(\.key))
        return values.filter { kept.contains($0.key) }
    }

    private func sums(_ query: MetricQuery, _ generation: Int64) throws -> [MetricValue] {
        let rows = try rows(
            """
            SELECT start, key, value FROM points WHERE generation = \(generation)
            AND series = \(Series(query.metric, query.dimension).number) AND span = \(query.span.rawValue)
            AND start >= \(query.from) AND start < \(query.to) ORDER BY start, key LIMIT \(MetricQuery.scanLimit + 1)
            """
        ) { row in (start: try row[0] as Int64, key: try row[1] as String, value: try row[2] as Int64) }
        try checkScan(rows.count)
        if query.dimension == .movie { return try byMovie(rows, query, generation) }
        return rows.compactMap { row in
            guard row.value != 0 else { return nil }
            let value = Self.value(row.start, row.key, row.value)
            return query.key.map { $0 == value.key } ?? true ? value : nil
        }
    }

    private func checkScan(_ count: Int) throws {
        guard count <= MetricQuery.scanLimit else {
            throw Problem.invalid("from", "too much to read: ask for less time or larger buckets")
        }
    }

    /// Sums showtimes to their films.
    private func byMovie(
        _ rows: [(start: Int64, key: String, value: Int64)],
        _ query: MetricQuery,
        _ generation: Int64
    ) throws -> [MetricValue] {
        var movies: [String: String] = [:]
        var sums: [Int64: [String: Int64]] = [:]
        for row in rows {
            let parts = row.key.split(separator: Key.currencyMark, omittingEmptySubsequences: false)
            let showtime = String(parts[0])
            if movies[showtime] == nil {
                movies[showtime] =
                    try value(
                        "SELECT movie FROM showtimes WHERE generation = \(generation) AND showtime = \(showtime)"
                    ) ?? ""
            }
            let key = ([movies[showtime] ?? ""] + parts.dropFirst().map(String.init)).joined(
                separator: Key.currencyMark
            )
            sums[row.start, default: [:]][key, default: 0] += row.value
        }
        return sums.sorted { $0.key < $1.key }.flatMap { start, values in
            values.sorted { $0.key < $1.key }.filter { $0.value != 0 }.map { Self.value(start, $0.key, $0.value) }
        }.filter { value in query.key.map { $0 == value.key } ?? true }
    }

    private func sketches(_ query: MetricQuery, _ generation: Int64) throws -> [MetricValue] {
        let rows = try rows(
            """
            SELECT start, key, sketch FROM sketches WHERE generation = \(generation)
            AND series = \(Series(query.metric, query.dimension).number) AND span = \(query.span.rawValue)
            AND start >= \(query.from) AND start < \(query.to) ORDER BY start, key LIMIT \(MetricQuery.rowLimit + 1)
            """
        ) { row in (start: try row[0] as Int64, key: try row[1] as String, sketch: try row[2] as [UInt8]) }
        return try rows.compactMap { row in
            if let key = query.key, key != row.key { return nil }
            let start = Timestamp(milliseconds: row.start)
            if query.metric.definition.kind == .distinct {
                guard let count = DistinctCount(bytes: row.sketch) else { throw Self.damaged(row.key) }
                return MetricValue(start: start, key: row.key, value: Double(count.count))
            }
            guard let histogram = LatencyHistogram(bytes: row.sketch) else { throw Self.damaged(row.key) }
            let points = histogram.percentiles([0.5, 0.95, 0.99]).map { $0 / 1000 }
            guard points.count == 3 else { return nil }
            return MetricValue(
                start: start,
                key: row.key,
                value: points[0],
                p50: points[0],
                p95: points[1],
                p99: points[2],
                count: histogram.count
            )
        }
    }

    private static func damaged(_ key: String) -> DamagedSketch { DamagedSketch(description: "a sketch of \(key)") }

    private static func value(_ start: Int64, _ key: String, _ value: Int64) -> MetricValue {
        let parts = key.split(separator: Key.currencyMark, omittingEmptySubsequences: false)
        return MetricValue(
            start: Timestamp(milliseconds: start),
            key: String(parts[0]),
            value: Double(value),
            currency: parts.count == 2 ? String(parts[1]) : nil
        )
    }

    /// The next offset of each partition that a metric is made of.
    func asOf(_ metric: Metric) throws -> [String: Int64] {
        let generation = metric.isRecent ? AnalyticsStore.recent : try liveGeneration()
        let topics = metric.definition.topics.map(\.name)
        let places = try rows(
            """
            SELECT topic, partition, next_offset FROM consumer_offsets
            WHERE group_name = \(AnalyticsEvents.places(of: generation))
            """
        ) { row in (try row[0] as String, try row[1] as Int64, try row[2] as Int64) }
        let wanted = places.filter { topics.contains($0.0) }.map { ("\($0.0)-\($0.1)", $0.2) }
        return Dictionary(wanted) { max($0, $1) }
    }

    /// How far each partition has been applied, and when.
    func freshness() throws -> [EventPosition.Partition: Freshness] {
        let generations = [AnalyticsStore.recent, try liveGeneration()]
        var found: [EventPosition.Partition: Freshness] = [:]
        for generation in generations {
            let rows = try rows(
                """
                SELECT offsets.topic, offsets.partition, next_offset, event_time, applied_at FROM consumer_offsets AS offsets
                LEFT JOIN freshness ON freshness.generation = \(generation) AND freshness.topic = offsets.topic
                AND freshness.partition = offsets.partition
                WHERE group_name = \(AnalyticsEvents.places(of: generation))
                """
            ) { row in
                (
                    EventPosition.Partition(topic: try row[0], partition: try row[1]),
                    Freshness(next: try row[2], eventTime: try row[3], appliedAt: try row[4])
                )
            }
            found.merge(rows) { $1 }
        }
        return found
    }
}

/// How far a partition has been applied.
struct Freshness: Sendable {
    /// The next offset.
    let next: Int64
    /// The time of the last event.
    let eventTime: Timestamp?
    /// When that took effect.
    let appliedAt: Timestamp?
}
