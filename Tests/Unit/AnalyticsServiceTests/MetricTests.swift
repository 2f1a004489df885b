import Contracts
import HTTPCore
import ServiceKit
import System
import Testing

@testable import AnalyticsService

@Suite struct MetricTests {
    @Test func `buckets begin at whole minutes, hours and days of UTC, before 1970 too`() throws {
        let time = try #require(Timestamp(rfc3339: "2025-03-20T19:34:56.789Z")).milliseconds
        let starts = Span.allCases.map { Timestamp(milliseconds: $0.start(of: time)).description }
        #expect(
            starts == [
                "2025-03-20T19:34:00.000Z", "2025-03-20T19:00:00.000Z", "2025-03-20T00:00:00.000Z",
                "1970-01-01T00:00:00.000Z",
            ]
        )
        #expect(Span.minute.start(of: -1) == -60_000)
    }

    @Test func `no cell of a table is taken for a formula`() {
        let cases = [
            "=1+1": "'=1+1", "+1": "'+1", "-2+3": "'-2+3", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx",
            "=HYPERLINK(\"http://x\",\"y\")": "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
            "  =1": "'  =1", "\r=1": "\"'\r=1\"", "GET /v1/a,b": "\"GET /v1/a,b\"", "plain": "plain", "": "",
            "a\"b": "\"a\"\"b\"", "\u{FF1D}1": "'\u{FF1D}1",
        ]
        for (text, cell) in cases { #expect(MetricTable.cell(text) == cell) }
    }

    @Test func `every metric and every series has a number and a name of its own`() {
        #expect(Set(Metric.allCases.map { $0.definition.name }).count == Metric.allCases.count)
        #expect(Metric(name: "tickets_sold") == .ticketsSold && Metric(name: "nothing") == nil)
        let series = Metric.allCases.flatMap { metric in
            ([.total] + metric.definition.dimensions).filter { $0 != .movie }.map { Series(metric, $0).number }
        }
        #expect(Set(series).count == series.count)
        #expect(Dimension.allCases.allSatisfy { $0.rawValue < Series.dimensionsLimit })
    }

    @Test func `minutes roll up to hours, days and all time`() {
        var tally = Tally()
        let midnight: Int64 = 86_400_000
        for minute in [midnight - 60_000, midnight, midnight + 60_000] {
            tally.add(2, to: .likes, at: Timestamp(milliseconds: minute + 5), (.target, "a"))
        }
        let sums = Dictionary(uniqueKeysWithValues: Rollup.buckets(tally.counts, minutesFrom: midnight, +))
        let series = Series(.likes, .target).number
        func sum(_ span: Span, _ start: Int64) -> Int64? {
            sums[Bucket(series: series, span: span.rawValue, start: start, key: "a")]
        }
        #expect(sum(.minute, midnight) == 2 && sum(.hour, midnight) == 4 && sum(.day, 0) == 2)
        #expect(sum(.day, midnight) == 4 && sum(.all, 0) == 6)
        #expect(sum(.minute, midnight - 60_000) == nil, "minutes that are too old are not kept")
    }

    @Test func `events in any order make the same timeline`() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<50 {
            var timeline = Timeline<Int64>()
            var expected: [Int64: Int64] = [:]
            for _ in 0..<60 {
                let minute = Int64(random.next() % 20)
                timeline.change(minute, from: 0) { $0 += 1 }
                expected[minute, default: 0] += 1
            }
            #expect(timeline.entries.map(\.minute) == expected.keys.sorted())
            #expect(timeline.entries.allSatisfy { expected[$0.minute] == $0.value })
        }
    }

    @Test func `as_of names the places of an answer, not earlier and not later ones`() throws {
        let places = try AsOf(#"{"ticket-events-0":7}"#, of: .ticketsSold)
        #expect(try !places.isReached(in: [:]))
        #expect(try !places.isReached(in: ["ticket-events-0": 6, "ticket-events-1": 9]))
        #expect(try places.isReached(in: ["ticket-events-0": 7, "ticket-events-1": 9]))
        let passed = #expect(throws: Problem.self) { try places.isReached(in: ["ticket-events-0": 8]) }
        #expect(passed?.code == .positionPassed)
        #expect(try AsOf(nil, of: .ticketsSold).isReached(in: ["ticket-events-0": 8]))
        for text in ["7", "{}x", #"{"like-events-0":1}"#, #"{"ticket-events-99":1}"#] {
            #expect(throws: Problem.self) { try AsOf(text, of: .ticketsSold) }
        }
    }

    @Test func `minutes are kept for whole days and a question for older ones is refused`() throws {
        let now = try #require(Timestamp(rfc3339: "2025-03-20T19:34:56.789Z"))
        let minutes = MinuteRetention(days: 2)
        #expect(Timestamp(milliseconds: minutes.oldest(at: now)).description == "2025-03-18T00:00:00.000Z")
        func query(_ text: String) throws -> MetricQuery {
            try MetricQuery(.likes, try #require(QueryItems(text)), minutes, at: now)
        }
        _ = try query("from=2025-03-18T00:00:00Z&to=2025-03-18T01:00:00Z")
        _ = try query("bucket=1h&from=2025-03-17T00:00:00Z")
        #expect(throws: Problem.self) { try query("from=2025-03-17T23:59:00Z&to=2025-03-18T01:00:00Z") }
    }

    @Test func `a key that is too long is cut at a whole character`() {
        #expect(Key.bounded(String(repeating: "ệ", count: 300)).utf8.count <= Key.limit)
        #expect(Key.bounded("short") == "short")
    }
}
