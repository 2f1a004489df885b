import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct MetricTests {
    private static let noon = Timestamp(rfc3339: "2025-03-20T12:00:00Z") ?? Timestamp(milliseconds: 0)

    @Test func `tickets are counted in the minute of their sale and a cancellation takes them back there`() async throws
    {
        let rig = try await AnalyticsRig()
        let service = try await rig.service(["ANALYTICS_MINUTE_DAYS": "3650"])
        let (movie, first, second) = (Self.id(1), Self.id(2), Self.id(3))
        func sale(_ showtime: Identifier, _ seats: [String], minute: Int64) -> Sale {
            let time = Self.noon.adding(seconds: minute * 60)
            return Sale(movie: movie, showtime: showtime, seats: seats, amount: 90_000, time: time)
        }
        let sales = [
            sale(first, ["A1", "A2"], minute: 0), sale(first, ["A3"], minute: 5), sale(second, ["A1"], minute: 70),
        ]
        try await rig.publish(try sales.map { try $0.booked() })
        try await rig.wait(service, "tickets_sold", by: "showtime_id", for: ["\(first)": 3, "\(second)": 1])
        try await rig.wait(service, "tickets_sold", by: "movie_id", for: ["\(movie)": 4])
        try await rig.publish([try sales[0].cancelled(after: 3600)])
        try await rig.wait(service, "tickets_sold", for: ["": 2])
        try await rig.wait(service, "tickets_cancelled", by: "showtime_id", for: ["\(first)": 2])

        let range = "from=2025-03-20T00:00:00Z&to=2025-03-21T00:00:00Z"
        let minutes = try await rig.get(service, "/v1/analytics/metrics/tickets_sold?\(range)").json
        #expect(
            minutes["buckets"].array.map { $0["start"].string } == [
                "2025-03-20T12:05:00.000Z", "2025-03-20T13:10:00.000Z",
            ]
        )
        let hours = try await rig.get(service, "/v1/analytics/metrics/tickets_sold?bucket=1h&\(range)").json
        #expect(hours["buckets"].array.map { $0["value"].int } == [1, 1])
        let money = try await rig.get(service, "/v1/analytics/metrics/revenue?bucket=1d&\(range)").json["buckets"]
        #expect(money.array.count == 1 && money[0]["value"].int == 180_000 && money[0]["currency"].string == "VND")
        let asOf = minutes["as_of"]
        guard case .object(let places) = asOf else { return #expect(Bool(false), "no as_of") }
        #expect(places.keys.allSatisfy { $0.hasPrefix("ticket-events-") })
        #expect(places.values.reduce(0) { $0 + ($1.int ?? 0) } == 4)
    }

    @Test func `an event that comes twice counts once, and a late one counts where it belongs`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let user = Self.id(9)
        let event = try Event(
            UserRegistered(userID: user, locale: "vi", role: .user, timestamp: Self.noon),
            at: Self.noon
        )
        try await rig.publish([event, event])
        let late = Self.noon.adding(seconds: -86_400)
        try await rig.publish(UserRegistered(userID: Self.id(10), locale: "vi", role: .user, timestamp: late), at: late)
        try await rig.wait(service, "registrations", for: ["": 2])
        let range = "bucket=1d&from=2025-03-01T00:00:00Z&to=2025-04-01T00:00:00Z"
        let days = try await rig.get(service, "/v1/analytics/metrics/registrations?\(range)").json["buckets"].array
        #expect(days.map { $0["value"].int } == [1, 1])
        try await rig.publish([event])
        try await rig.publish(UserRegistered(userID: Self.id(11), locale: "vi", role: .user, timestamp: late), at: late)
        try await rig.wait(service, "registrations", for: ["": 3])
    }

    @Test func `requests are told by route, with errors, users and percentiles`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        var events: [Event] = []
        for number in 1...100 as ClosedRange<Int64> {
            events.append(try Self.request(number, status: number == 7 ? 503 : 200, microseconds: number * 1000))
        }
        try await rig.publish(events)
        try await rig.wait(service, "requests", by: "route", for: ["GET /v1/movies": 100])
        try await rig.wait(service, "errors", by: "status", for: ["503": 1])
        try await rig.wait(service, "active_users", for: ["": 10])
        let latency = try await rig.get(service, "/v1/analytics/metrics/latency_ms?bucket=all&group_by=route").json
        let value = latency["buckets"][0]
        #expect(value["count"].int == 100)
        for (name, truth) in [("p50", 50.0), ("p95", 95.0), ("p99", 99.0)] {
            guard case .number(let told) = value[name] else { return #expect(Bool(false), "no \(name)") }
            #expect(abs(told - truth) <= truth / 64, "\(name): \(told)")
        }
        #expect(value["value"] == value["p50"])
        try await rig.publish([try Self.request(101, route: "/v1/rare", status: 200, microseconds: 1)])
        try await rig.wait(service, "requests", for: ["": 101])
        let busiest = try await rig.get(service, "/v1/analytics/metrics/requests?bucket=all&group_by=route&top=1").json
        #expect(busiest["buckets"].array.map { $0["key"].string } == ["GET /v1/movies"])
        let slowest = try await rig.get(service, "/v1/analytics/metrics/latency_ms?bucket=all&group_by=route&top=1")
            .json
        #expect(slowest["buckets"].array.map { $0["key"].string } == ["GET /v1/movies"])
        try await rig.wait(service, "errors", by: "route", for: ["GET /v1/movies": 1])
    }

    @Test func `whatever methods somebody makes up, they are one route in the reports`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let events = try (1...20 as ClosedRange<Int64>).map {
            try Self.request($0, "MADE\($0)", route: "unmatched", status: 404, microseconds: 1)
        }
        try await rig.publish(events)
        try await rig.wait(service, "requests", by: "route", for: ["_OTHER unmatched": 20])
    }

    @Test func `a table, a tag and a place in the log`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        try await rig.publish([try Self.request(1, route: "=cmd|' /C calc'!A0", status: 200, microseconds: 5)])
        try await rig.wait(service, "requests", for: ["": 1])
        let path = "/v1/analytics/metrics/requests"
        let table = try await rig.get(service, "\(path).csv?bucket=all&group_by=route")
        #expect(table.headers["content-type"]?.hasPrefix("text/csv") == true)
        #expect(table.body == "start,key,value,currency\r\n1970-01-01T00:00:00.000Z,GET =cmd|' /C calc'!A0,1,\r\n")
        let now = try await rig.get(service, "\(path)?bucket=all")
        let tag = try #require(now.headers["etag"])
        let again = try await Curl.request(
            "GET",
            service.url + "\(path)?bucket=all",
            token: rig.admin,
            headers: ["If-None-Match": tag]
        )
        #expect(again.status == 304)
        let asOf = try now.json["as_of"].text()
        let encoded = asOf.utf8.map { "%" + String($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(try await rig.get(service, "\(path)?bucket=all&as_of=\(encoded)").status == 200)
        let later = #"{"gateway-requests-0":99999}"#.utf8.map { "%" + String($0, radix: 16) }.joined()
        let early = try await rig.get(service, "\(path)?as_of=\(later)")
        #expect(early.status == 503 && early.headers["retry-after"] == "1")
        #expect(early.json["code"].string == "position_not_reached")
        let older = asOf.replacing(":1", with: ":0")
        let passed = try await rig.get(
            service,
            "\(path)?as_of=\(older.utf8.map { "%" + String($0, radix: 16) }.joined())"
        )
        #expect(passed.status == 409 && passed.json["code"].string == "position_passed")
    }

    @Test func `a stream tells of changed buckets`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        async let streamed = Command.run(
            "curl",
            [
                "-sS", "-N", "--max-time", "4", "-H", "Authorization: Bearer \(rig.admin)",
                "\(service.url)/v1/analytics/metrics/registrations/stream?bucket=all",
            ],
            within: 10
        )
        try await Task.sleep(for: .milliseconds(500))
        for number in 1...3 as ClosedRange<UInt8> {
            let now = WallClock.system.now
            try await rig.publish(UserRegistered(userID: Self.id(number), locale: "vi", role: .user, timestamp: now))
        }
        let text = try await streamed.output
        #expect(text.contains("event: snapshot") && text.contains("event: change"))
        #expect(text.contains(#""value":3"#))
    }

    @Test func `only administrators may ask, and bad questions are refused`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let user = try rig.mint.token(for: Self.id(1))
        for path in ["metrics", "metrics/likes", "metrics/likes/stream", "metrics/likes.csv"] {
            let url = "\(service.url)/v1/analytics/\(path)"
            #expect(try await Curl.request("GET", url).status == 401)
            #expect(try await Curl.request("GET", url, token: user).status == 403)
        }
        #expect(try await rig.get(service, "/v1/analytics/metrics/nothing").status == 404)
        for query in [
            "bucket=2m", "top=0", "top=x", "group_by=target_id&top=101", "from=yesterday", "to=%00",
            "group_by=password", "key=x", "as_of=%7B", "as_of=5",
            "from=2025-03-20T12:00:00Z&to=2025-03-20T11:00:00Z", "from=1970-01-01T00:00:00Z", "group_by=showtime_id%27",
        ] {
            let answer = try await rig.get(service, "/v1/analytics/metrics/likes?\(query)")
            #expect(answer.status == 422, "\(query): \(answer.body)")
        }
    }

    static func id(_ number: UInt8) -> Identifier {
        Identifier(bytes: [1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]) ?? .version7(at: noon)
    }

    static func request(
        _ number: Int64,
        _ method: String = "GET",
        route: String = "/v1/movies",
        status: Int,
        microseconds: Int64,
        at time: Timestamp = noon
    ) throws -> Event {
        let request = GatewayRequest(
            requestID: "r\(number)",
            gatewayID: "g",
            sequence: number,
            dropped: 0,
            method: method,
            route: route,
            service: "booking",
            status: status,
            isComplete: true,
            durationMicroseconds: microseconds,
            upstreamMicroseconds: 10,
            requestBytes: 0,
            responseBytes: 10,
            userID: id(UInt8(number % 10)),
            sessionID: nil,
            addressPrefix: "127.0.0.0/24",
            traceID: String(repeating: "a", count: 32),
            policyVersion: 0,
            decision: "allowed",
            timestamp: time
        )
        return try Event(request, at: time)
    }
}
