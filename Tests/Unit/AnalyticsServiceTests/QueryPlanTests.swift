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
            #expect(try !transaction.add(tally, to: 1).isEmpty)
            #expect(try transaction.take([UInt8](repeating: 0, count: 16), 1) == nil)
            try transaction.keep(Standing(time: now), as: [UInt8](repeating: 0, count: 16), 1)
            try transaction.keep(movie: "m", of: "s", 1)
            try transaction.count(["booked": 1], of: "s", 1)
            _ = try transaction.removeRows(of: 7, limit: 10)
            _ = try transaction.prune(tracesBefore: now, seenBefore: 0, [0, 1], limit: 10)
            try transaction.failUnfinished()
            try transaction.clearLeftovers(of: 9)
        }
        let queries = try ["", "group_by=showtime_id", "group_by=movie_id", "bucket=all&group_by=showtime_id"].map {
            try MetricQuery(.ticketsSold, try #require(QueryItems($0)), at: now.adding(seconds: 1))
        }
        let latency = try MetricQuery(.latency, try #require(QueryItems("group_by=route")), at: now.adding(seconds: 1))
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
}
