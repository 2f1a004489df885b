import System
import TestSupport
import Testing

extension EndToEnd {
    /// Analytics beside the services whose events it counts.
    @Suite struct AnalyticsTests {
        @Test func `tickets sold per showtime are Booking's after cancellations and kills`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack, rows: "ABCD")
                let visitors = try await RaceTests.atOnce(4, width: 2) { try await cinema.visitor("guest-\($0)") }
                let bookings = try await RaceTests.atOnce(16, width: 4) { number in
                    let visitor = visitors[number % 4]
                    let row = ["A", "B", "C", "D"][number / 4]
                    let seat = number % 4 * 2 + 1
                    let booking = try #require(
                        try await visitor.book("\(row)\(seat)", "\(row)\(seat + 1)").json["id"].string
                    )
                    try await visitor.pay(booking)
                    return (visitor, booking)
                }
                try stack.kill("analytics")
                for (visitor, booking) in bookings { try await visitor.expect(booking, is: "booked", within: 60) }
                try stack.kill("broker")
                for (visitor, booking) in bookings.prefix(5) {
                    let path = "/v1/bookings/\(booking)/cancel"
                    try await eventually("the cancellation is taken", within: 30) {
                        try await Curl.request("POST", stack.url + path, token: visitor.token).status == 202
                    }
                }
                try stack.kill("booking")
                try stack.kill("analytics")
                let admin = try await stack.administrator()
                try await eventually("22 of 32 seats are sold in Booking and in Analytics", within: 60) {
                    let seats = try await stack.call("GET", "/v1/showtimes/\(cinema.showtime)/seats", status: 200)
                    let booked = seats["items"].array.filter { $0["state"].string == "booked" }.count
                    let path = "/v1/analytics/metrics/tickets_sold?bucket=all&group_by=showtime_id"
                    let sold = try await stack.call("GET", path, token: admin, status: 200)["buckets"]
                    return booked == 22 && sold[0]["value"].int == 22 && sold[0]["key"].string == cinema.showtime
                }
                let agreed = try await eventually("Booking has reported", within: 90) {
                    let path = "/v1/analytics/reconcile"
                    let item = try await stack.call("GET", path, token: admin, status: 200)["items"][0]
                    return item["reported"]["cancelled"].int == 10 ? item : nil
                }
                #expect(agreed["drift"].int == 0 && agreed["reported"]["booked"].int == 32, "\(agreed)")
            }
        }

        @Test func `everything that one call caused hangs below it`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                let (trace, admin) = ("4bf92f3577b34da6a3ce929d0e0e4736", try await stack.administrator())
                let answer = try await Curl.request(
                    "POST",
                    "\(stack.url)/v1/bookings",
                    json: #"{"showtime_id":"\#(cinema.showtime)","seats":["A1"]}"#,
                    token: lan.token,
                    headers: ["traceparent": "00-\(trace)-00f067aa0ba902b7-01", "Prefer": "wait=10"]
                )
                #expect(answer.status == 201)
                // The gateway's own record is on a lossy topic and comes last.
                let way = "gateway POST /v1/bookings > booking POST /v1/bookings > booking ticket.requested"
                let end = "\(way) > booking seat-locker > booking seat.locked"
                try await eventually("the trace is whole", within: 20) {
                    let tree = try await stack.call("GET", "/v1/admin/trace/\(trace)", token: admin, status: 200)
                    return tree["roots"].array.count == 1 && Self.lines(tree["roots"].array, "").contains(end)
                }
            }
        }

        /// Each item with what is above it.
        private static func lines(_ nodes: [JSON], _ above: String) -> [String] {
            nodes.flatMap { node in
                let line = above + "\(node["service"].string ?? "?") \(node["name"].string ?? "?")"
                return [line] + lines(node["children"].array, line + " > ")
            }
        }
    }
}
