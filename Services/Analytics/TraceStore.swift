import Persistence
import System

extension Transaction {
    /// Keeps an item of a trace for a day; one that comes again changes nothing.
    borrowing func insert(_ item: TraceItem) throws {
        try execute(
            """
            INSERT OR IGNORE INTO trace_items (slot, trace, item, time, kind, name, service, parent, cause, duration,
                status, topic, partition, log_offset)
            VALUES (\(TraceSlot.of(item.time)), \(item.trace), \(item.id), \(item.time), \(item.kind.rawValue),
                \(item.name), \(item.service), \(item.parent), \(item.cause), \(item.durationMicroseconds),
                \(item.status), \(item.topic), \(item.partition), \(item.offset))
            """
        )
    }

    /// Removes items before a time, and what was noted of events before a day; says how many rows went.
    borrowing func prune(tracesBefore time: Timestamp, seenBefore day: Int64, _ generations: [Int64], limit: Int) throws
        -> Int
    {
        var removed = try execute("DELETE FROM trace_items WHERE slot < \(TraceSlot.of(time)) LIMIT \(limit)")
        for generation in generations {
            removed += try execute(
                "DELETE FROM seen WHERE generation = \(generation) AND day < \(day) LIMIT \(limit)"
            )
        }
        return removed
    }
}

extension Transaction {
    /// Removes a series' minutes before a time; says how many rows went.
    borrowing func pruneMinutes(of series: Int64, before time: Int64, _ generation: Int64, limit: Int) throws -> Int {
        let minutes: SQL = """
            generation = \(generation) AND series = \(series) AND span = \(Span.minute.rawValue) AND start < \(time)
            """
        return try execute("DELETE FROM points WHERE \(minutes) LIMIT \(limit)")
            + execute("DELETE FROM sketches WHERE \(minutes) LIMIT \(limit)")
    }
}

extension Connection {
    /// The series of a generation that have minutes before a time.
    func seriesWithMinutes(before time: Int64, of generation: Int64) throws -> [Int64] {
        try Series.all.filter { series in
            let minutes: SQL = """
                generation = \(generation) AND series = \(series) AND span = \(Span.minute.rawValue) AND start < \(time)
                """
            return try exists("SELECT 1 FROM points WHERE \(minutes)")
                || exists("SELECT 1 FROM sketches WHERE \(minutes)")
        }
    }
}

/// The hours by which items lie together, so that old ones go together.
enum TraceSlot {
    static func of(_ time: Timestamp) -> Int64 { Span.hour.start(of: time.milliseconds) / Span.hour.rawValue }
}

extension Connection {
    /// The items of a trace, oldest first.
    func items(ofTrace trace: [UInt8], at now: Timestamp, limit: Int) throws -> [TraceItem] {
        let last = TraceSlot.of(now) + 1
        let slots = Array(last - TraceIndex.hours - 1...last)
        return try rows(
            """
            SELECT item, kind, time, name, service, parent, cause, duration, status, topic, partition, log_offset
            FROM trace_items WHERE slot IN (\(list: slots)) AND trace = \(trace) LIMIT \(limit)
            """
        ) { row in
            TraceItem(
                trace: trace,
                id: try row[0],
                kind: TraceItem.Kind(rawValue: try row[1]) ?? .event,
                time: try row[2],
                name: try row[3],
                service: try row[4],
                parent: try row[5],
                cause: try row[6],
                durationMicroseconds: try row[7],
                status: try row[8],
                topic: try row[9],
                partition: try row[10],
                offset: try row[11]
            )
        }.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    }
}

/// Removes what is kept for a time only.
struct Retention {
    /// Rows in one transaction.
    static let batch = 2000
    /// How long an event is remembered that might come a second time: as the inbox of every service.
    static let seenDays: Int64 = 7

    let database: Database
    let clock: WallClock
    let minutes: MinuteRetention

    /// Minutes that are no longer kept, a series at a time.
    func pruneMinutes() async throws {
        let oldest = minutes.oldest(at: clock.now)
        for generation in [AnalyticsStore.recent] + (try await database.read { try $0.generations() }) {
            let series = try await database.read { try $0.seriesWithMinutes(before: oldest, of: generation) }
            for number in series {
                while try await database.write(
                    priority: .background,
                    { try $0.pruneMinutes(of: number, before: oldest, generation, limit: Self.batch) }
                ) >= Self.batch {}
            }
        }
    }

    func prune() async throws {
        let now = clock.now
        let oldest = now.adding(seconds: -TraceIndex.hours * 3600)
        let day = Span.day.start(of: now.milliseconds) - Self.seenDays * Span.day.rawValue
        let generations = [AnalyticsStore.recent] + (try await database.read { try $0.generations() })
        while try await database.write(
            priority: .background,
            { try $0.prune(tracesBefore: oldest, seenBefore: day, generations, limit: Self.batch) }
        ) >= Self.batch {}
    }
}
