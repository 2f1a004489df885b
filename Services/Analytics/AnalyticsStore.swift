import EventBus
import Persistence
import System

extension Transaction {
    /// Adds a batch to all buckets it touches, and says which: minutes are rolled up to hours, days and all time. Of
    /// minutes that are too old to be kept nothing is added.
    borrowing func add(_ tally: Tally, to generation: Int64, minutesFrom oldest: Int64) throws -> [Bucket] {
        var changed: [Bucket] = []
        for (bucket, value) in Rollup.buckets(tally.counts, minutesFrom: oldest, +) where value != 0 {
            changed.append(bucket)
            try execute(
                """
                INSERT INTO points (generation, series, span, start, key, value)
                VALUES (\(generation), \(bucket.series), \(bucket.span), \(bucket.start), \(bucket.key), \(value))
                ON CONFLICT DO UPDATE SET value = value + excluded.value
                """
            )
        }
        for (bucket, added) in Rollup.buckets(tally.durations, minutesFrom: oldest, { $0.adding($1) }) {
            var histogram = try sketch(bucket, generation).flatMap(LatencyHistogram.init(bytes:)) ?? .init()
            histogram.add(added)
            try keep(histogram.bytes, in: bucket, generation)
            changed.append(bucket)
        }
        for (bucket, added) in Rollup.buckets(tally.users, minutesFrom: oldest, { $0.adding($1) }) {
            var count = try sketch(bucket, generation).flatMap(DistinctCount.init(bytes:)) ?? .init()
            count.add(added)
            try keep(count.bytes, in: bucket, generation)
            changed.append(bucket)
        }
        for (showtime, movie) in tally.movies { try keep(movie: movie, of: showtime, generation) }
        for (subject, numbers) in tally.counted { try count(numbers, of: subject, generation) }
        for (gateway, entries) in tally.gateways { try note(entries, of: gateway) }
        return changed
    }

    private borrowing func sketch(_ bucket: Bucket, _ generation: Int64) throws -> [UInt8]? {
        try value(
            """
            SELECT sketch FROM sketches WHERE generation = \(generation) AND series = \(bucket.series)
            AND span = \(bucket.span) AND start = \(bucket.start) AND key = \(bucket.key)
            """
        )
    }

    private borrowing func keep(_ sketch: [UInt8], in bucket: Bucket, _ generation: Int64) throws {
        try execute(
            """
            INSERT INTO sketches (generation, series, span, start, key, sketch)
            VALUES (\(generation), \(bucket.series), \(bucket.span), \(bucket.start), \(bucket.key), \(sketch))
            ON CONFLICT DO UPDATE SET sketch = excluded.sketch
            """
        )
    }

    /// Notes an event; false when it was noted before: sources may send one twice, close to each other.
    borrowing func noteSeen(_ event: Event, _ generation: Int64) throws -> Bool {
        try execute(
            """
            INSERT OR IGNORE INTO seen (generation, day, id)
            VALUES (\(generation), \(Span.day.start(of: event.time.milliseconds)), \(event.id))
            """
        ) == 1
    }

    /// Keeps what may have to be taken back later.
    borrowing func keep(_ standing: Standing, as id: [UInt8], _ generation: Int64) throws {
        try execute(
            """
            INSERT INTO standing (generation, id, time, quantity, amount)
            VALUES (\(generation), \(id), \(standing.time), \(standing.quantity), \(standing.amount))
            ON CONFLICT DO UPDATE SET time = excluded.time, quantity = excluded.quantity, amount = excluded.amount
            """
        )
    }

    /// Takes back what was kept; nil when there is nothing.
    borrowing func take(_ id: [UInt8], _ generation: Int64) throws -> Standing? {
        try first(
            "DELETE FROM standing WHERE generation = \(generation) AND id = \(id) RETURNING time, quantity, amount"
        ) { row in Standing(time: try row[0], quantity: try row[1], amount: try row[2]) }
    }

    /// Which film a showtime shows.
    borrowing func keep(movie: String, of showtime: String, _ generation: Int64) throws {
        try execute(
            """
            INSERT OR IGNORE INTO showtimes (generation, showtime, movie)
            VALUES (\(generation), \(showtime), \(movie))
            """
        )
    }

    /// The time of a partition's last event, and when it took effect.
    borrowing func noteFresh(_ place: EventPosition.Partition, event: Timestamp, at now: Timestamp, _ generation: Int64)
        throws
    {
        try execute(
            """
            INSERT INTO freshness (generation, topic, partition, event_time, applied_at)
            VALUES (\(generation), \(place.topic), \(place.partition), \(event), \(now))
            ON CONFLICT DO UPDATE SET event_time = excluded.event_time, applied_at = excluded.applied_at
            """
        )
    }
}

/// What an event added and a later one may take back: when, how many, how much.
struct Standing: Equatable {
    var time: Timestamp
    var quantity: Int64 = 1
    var amount: Int64 = 0
}

/// A row of the metric tables.
struct Bucket: Hashable, Comparable, Sendable {
    let series: Int64
    let span: Int64
    let start: Int64
    let key: String

    static func < (left: Bucket, right: Bucket) -> Bool {
        (left.series, left.span, left.start, left.key) < (right.series, right.span, right.start, right.key)
    }
}

/// Minutes in memory become buckets of all lengths.
enum Rollup {
    /// Buckets in the order of the tables' rows.
    static func buckets<Value>(
        _ lines: [Tally.Line: Timeline<Value>],
        minutesFrom oldest: Int64,
        _ add: (Value, Value) -> Value
    ) -> [(Bucket, Value)] {
        var buckets: [(Bucket, Value)] = []
        for (line, timeline) in lines {
            for span in Span.allCases {
                var last: (start: Int64, value: Value)?
                func end() {
                    guard let last, span != .minute || last.start >= oldest else { return }
                    let bucket = Bucket(series: line.series, span: span.rawValue, start: last.start, key: line.key)
                    buckets.append((bucket, last.value))
                }
                for (minute, value) in timeline.entries {
                    let start = span.start(of: minute)
                    if let sum = last, sum.start == start {
                        last = (start, add(sum.value, value))
                    } else {
                        end()
                        last = (start, value)
                    }
                }
                end()
            }
        }
        return buckets.sorted { $0.0 < $1.0 }
    }
}
