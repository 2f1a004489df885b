import Contracts
import EventBus
import HTTPCore
import System
import TestSupport
import Testing

@testable import AnalyticsService
@testable import Persistence

/// Runs every statement of the stores once, then has SQLite explain each by the text it was prepared from.
@Suite struct QueryPlanTests {
    @Test func `no statement that answers or counts scans or sorts a table`() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("analytics.sqlite"))
        configuration.readers = 1
        let database = try Database.open(configuration, migrations: AnalyticsStore.migrations)
        let now = Timestamp(milliseconds: 1_742_378_400_000)
        try await database.write { transaction in
            var tally = Tally()
            tally.add(1, to: .ticketsSold, at: now, (.showtime, "s"))
            tally.add(5, "VND", to: .revenue, at: now, (.showtime, "s"))
            tally.record(5, in: .latency, at: now, (.route, "r"))
            tally.note(.version7(at: now), in: .activeUsers, at: now)
            #expect(try !transaction.add(tally, to: 1, minutesFrom: 0).isEmpty)
            #expect(try transaction.take([UInt8](repeating: 0, count: 16), 1) == nil)
            try transaction.keep(Standing(time: now), as: [UInt8](repeating: 0, count: 16), 1)
            try transaction.keep(movie: "m", of: "s", 1)
            try transaction.count(["booked": 1], of: "s", 1)
            _ = try transaction.removeRows(of: 7, limit: 10)
            _ = try transaction.pruneMinutes(of: Series(.ticketsSold).number, before: 0, 1, limit: 10)
            _ = try transaction.prune(tracesBefore: now, seenBefore: 0, [0, 1], limit: 10)
            try transaction.failUnfinished()
            try transaction.clearLeftovers(of: 9)
        }
        let minutes = MinuteRetention(days: 7)
        let queries = try ["", "group_by=showtime_id", "group_by=movie_id", "bucket=all&group_by=showtime_id"].map {
            try MetricQuery(.ticketsSold, try #require(QueryItems($0)), minutes, at: now.adding(seconds: 1))
        }
        let routes = try #require(QueryItems("group_by=route"))
        let latency = try MetricQuery(.latency, routes, minutes, at: now.adding(seconds: 1))
        try await database.read { connection in
            for query in queries { #expect(try connection.values(query).count == 1) }
            _ = try connection.values(latency)
            _ = try connection.asOf(.ticketsSold)
            _ = try connection.freshness()
            _ = try connection.reconciliations(1, onlyDrifted: true, after: "", limit: 10)
            _ = try connection.reconciliations(1, onlyDrifted: false, after: "", limit: 10)
            _ = try connection.gatewayLogs(limit: 10)
            _ = try connection.rebuilds(before: nil, limit: 10)
            _ = try connection.rebuild(.version7(at: now))
            _ = try connection.hasUnfinished()
            #expect(try connection.seriesWithMinutes(before: now.milliseconds + 1, of: 1).count == 7)
            _ = try connection.items(ofTrace: [UInt8](repeating: 0, count: 16), at: now, limit: 10)
        }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 30, "\(plans.count) statements")
        // Generations are a handful.
        for (text, steps) in plans where !text.contains("FROM generations") {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
        await database.close()
    }

    @Test func `old minutes go and what they added to hours and days stays`() async throws {
        let directory = try TemporaryDirectory()
        let database = try Database.open(
            Database.Configuration(path: directory.appending("analytics.sqlite")),
            migrations: AnalyticsStore.migrations
        )
        let now = Timestamp(milliseconds: 1_742_378_400_000)
        let minutes = MinuteRetention(days: 7)
        // Of thirty days, an hour each, half of them in the tables of expiring topics.
        for (generation, metric) in [(1, Metric.likes), (AnalyticsStore.recent, .requests)] {
            try await database.write { transaction in
                var tally = Tally()
                for number in 0..<30 * 24 as Range<Int64> {
                    let time = now.adding(seconds: -number * 3600)
                    tally.add(1, to: metric, at: time)
                    tally.record(9, in: .latency, at: time)
                }
                _ = try transaction.add(tally, to: generation, minutesFrom: 0)
            }
        }
        let clock = WallClock { now }
        try await Retention(database: database, clock: clock, minutes: minutes).pruneMinutes()
        let oldest = minutes.oldest(at: now)
        let (gone, left, hours) = try await database.read { connection in
            (
                try connection.value(
                    "SELECT count(*) FROM points WHERE span = 60000 AND start < \(oldest)",
                    as: Int.self
                ),
                try connection.value("SELECT count(*) FROM sketches WHERE span = 60000", as: Int.self),
                try connection.value("SELECT sum(value) FROM points WHERE span = 3600000", as: Int.self)
            )
        }
        let kept = Int((now.milliseconds - oldest) / 3_600_000) + 1
        #expect(gone == 0 && left == 2 * kept && hours == 2 * 30 * 24)
        await database.close()
    }
}
