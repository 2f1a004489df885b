import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct RebuildTests {
    @Test func `a rebuild while events keep arriving shows the same tables, without a gap and without a double`()
        async throws
    {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let showtimes = (1...4).map { MetricTests.id(UInt8($0)) }
        func sales(_ count: Int) -> [Sale] {
            (0..<count).map { number in
                let time = WallClock.system.now.adding(seconds: Int64(-number * 37))
                let showtime = showtimes[number % 4]
                return Sale(movie: MetricTests.id(9), showtime: showtime, seats: ["A1"], amount: 100, time: time)
            }
        }
        let first = sales(1500)
        try await rig.publish(try first.map { try $0.booked() })
        try await rig.publish(try first.prefix(400).map { try $0.cancelled(after: 60) })
        try await rig.wait(service, "tickets_sold", for: ["": 1100])

        let second = sales(1500)
        async let arriving: Void = {
            for start in stride(from: 0, to: 1500, by: 50) {
                let part = second[start..<start + 50]
                try await rig.publish(try part.map { try $0.booked() })
                try await rig.publish(try part.prefix(10).map { try $0.cancelled(after: 60) })
            }
        }()
        let rebuild = try await Self.rebuild(rig, service)
        #expect(rebuild["state"].string == "done", "\(rebuild)")
        #expect(rebuild["differences"].int == 0 && rebuild["progress"].int == 1, "\(rebuild)")
        try await arriving
        try await rig.wait(service, "tickets_sold", for: ["": 2300])
        try await rig.wait(service, "tickets_cancelled", for: ["": 700])
        try await rig.wait(service, "events", for: ["": 3700])

        let again = try await Self.rebuild(rig, service)
        #expect(again["differences"].int == 0 && again["records"].int == again["total"].int, "\(again)")
        #expect(try await rig.totals(service, "events") == ["": 3700])
        let list = try await rig.get(service, "/v1/analytics/rebuilds").json["items"].array
        #expect(list.count == 2 && list[0]["id"] == again["id"])
        #expect(try await service.stop().isSuccess)
        let restarted = try await rig.service()
        #expect(try await rig.totals(restarted, "tickets_sold") == ["": 2300])
        try await rig.publish([try first[500].cancelled(after: 60)])
        try await rig.wait(restarted, "tickets_sold", for: ["": 2299])
    }

    @Test func `kills in the middle of consuming and of a rebuild lose nothing and count nothing twice`() async throws {
        let rig = try await AnalyticsRig()
        var service = try await rig.service()
        let sales = (0..<3000).map { number in
            let time = WallClock.system.now.adding(seconds: Int64(-number))
            let showtime = MetricTests.id(UInt8(1 + number % 3))
            return Sale(movie: MetricTests.id(9), showtime: showtime, seats: ["A1", "A2"], amount: 5, time: time)
        }
        async let arriving: Void = {
            for start in stride(from: 0, to: 3000, by: 100) {
                let part = sales[start..<start + 100]
                try await rig.publish(try part.map { try $0.booked() })
                try await rig.publish(try part.prefix(30).map { try $0.cancelled(after: 5) })
            }
        }()
        for _ in 0..<4 {
            _ = try await Curl.request("POST", service.url + "/v1/analytics/rebuilds", token: rig.admin)
            try await Task.sleep(for: .milliseconds(Int.random(in: 5...150)))
            try await service.kill()
            service = try await rig.service()
        }
        try await arriving
        try await rig.wait(
            service,
            "tickets_sold",
            by: "showtime_id",
            for: [
                "\(MetricTests.id(1))": 1400, "\(MetricTests.id(2))": 1400, "\(MetricTests.id(3))": 1400,
            ]
        )
        try await rig.wait(service, "events", for: ["": 3900])
        let rebuild = try await Self.rebuild(rig, service)
        #expect(rebuild["state"].string == "done" && rebuild["differences"].int == 0, "\(rebuild)")
        #expect(try await rig.totals(service, "events") == ["": 3900])
    }

    @Test func `reports of Booking and Like agree at their places, and what differs is shown`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let (movie, showtime, now) = (MetricTests.id(9), MetricTests.id(1), WallClock.system.now)
        let sales = (0..<3).map { _ in Sale(movie: movie, showtime: showtime, seats: ["A1"], amount: 7, time: now) }
        for sale in sales { try await rig.publish([try sale.booked()]) }
        try await rig.publish([try sales[0].cancelled(after: 1)])
        func report(_ showtime: Identifier, booked: Int64, revenue: Int64) -> TicketCountsReported {
            TicketCountsReported(
                showtimeID: showtime,
                movieID: movie,
                booked: booked,
                cancelled: 1,
                expired: 0,
                checkedIn: 0,
                revenue: revenue,
                currency: "VND",
                timestamp: now,
                offsets: [:]
            )
        }
        try await rig.publish(report(showtime, booked: 3, revenue: 21))
        try await rig.publish([try sales[1].cancelled(after: 1)])
        try await rig.publish(report(MetricTests.id(2), booked: 1, revenue: 0))
        try await rig.wait(service, "tickets_sold", for: ["": 1])
        let all = try await eventually("both reports are read") {
            let items = try await rig.get(service, "/v1/analytics/reconcile").json["items"].array
            return items.count == 2 ? items : nil
        }
        #expect(all[0]["subject"].string == "\(showtime)" && all[0]["drift"].int == 0, "\(all[0])")
        #expect(all[0]["reported"]["booked"].int == 3 && all[0]["counted"]["revenue"].int == 21)
        let drifted = try await rig.get(service, "/v1/analytics/reconcile?drifted=true").json["items"].array
        #expect(drifted.count == 1 && drifted[0]["drift"].int == 2)
        #expect(try await rig.get(service, "/v1/analytics/reconcile?drifted=x").status == 422)
        try await rig.publish([try MetricTests.request(5, status: 200, microseconds: 1)])
        try await rig.publish([try MetricTests.request(8, status: 200, microseconds: 1)])
        try await eventually("the gateway's log has a gap of two") {
            let gateway = try await rig.get(service, "/v1/analytics/reconcile").json["gateways"][0]
            return gateway["lost"].int == 2 && gateway["received"].int == 2
        }
    }

    @Test func `freshness tells each partition's place and a bad record goes to the dead letters`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let now = WallClock.system.now
        let bad = try Event(
            NotALogin(userID: MetricTests.id(1)),
            at: now
        )
        try await rig.publish([bad])
        try await rig.publish(UserRegistered(userID: MetricTests.id(1), locale: "vi", role: .user, timestamp: now))
        try await rig.wait(service, "registrations", for: ["": 1])
        try await eventually("nothing is left") {
            let fresh = try await rig.get(service, "/v1/analytics/freshness").json
            let parts = fresh["partitions"].array.filter { $0["topic"].string == "user-events" }
            return fresh["lag"].int == 0 && parts.count == 12 && parts.contains { $0["applied_at"].string != nil }
        }
        #expect(service.log.contains("record sent to the dead letters"))
        let first = try await Curl.request("POST", service.url + "/v1/analytics/rebuilds", token: rig.admin)
        #expect(first.status == 202 && first.headers["location"]?.hasPrefix("/v1/analytics/rebuilds/") == true)
        #expect(try await rig.get(service, "/v1/analytics/rebuilds/\(MetricTests.id(3))").status == 404)
    }

    /// Rebuilds and waits for the end.
    static func rebuild(_ rig: AnalyticsRig, _ service: ServiceProcess) async throws -> JSON {
        let begun = try await eventually("a rebuild begins") {
            let answer = try await Curl.request("POST", service.url + "/v1/analytics/rebuilds", token: rig.admin)
            return answer.status == 202 ? answer : nil
        }
        let path = try #require(begun.headers["location"])
        return try await eventually("the rebuild ends", within: 30) {
            let rebuild = try await rig.get(service, path).json
            return rebuild["state"].string == "running" ? nil : rebuild
        }
    }
}

/// A payload of a known type that lacks what the type must have.
private struct NotALogin: EventPayload {
    static let type = LoginFailed.type
    static let topic = Topic.authEvents
    static let source = "/auth"
    let userID: Identifier
    var key: String { "\(userID)" }
}
