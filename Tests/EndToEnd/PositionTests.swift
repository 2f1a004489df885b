import TestSupport
import Testing

extension EndToEnd {
    /// A write tells where its events are, and a read that names the place sees their effect, at whichever service.
    @Suite struct PositionTests {
        @Test func `everybody reads what they wrote`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")

                // Booking decides behind its answer; Notification learns the language from User.
                let asked = try await lan.request("A1", "A2", key: "one")
                let position = try #require(asked.headers["event-position"])
                #expect(position.hasPrefix("/booking:ticket-requests:"))
                let path = "/v1/bookings/\(try asked.json.text("id"))"
                let seen = try await stack.call(
                    "GET",
                    path,
                    token: lan.token,
                    headers: ["Min-Position": position],
                    status: 200
                )
                #expect(seen["state"].string == "locked")
                #expect(try await lan.request("A1", "A2", key: "one").headers["event-position"] == position)

                let refused = try await cinema.visitor("minh").book("A1")
                #expect(refused.status == 409 && refused.headers["event-position"] != nil)

                let me = try await Curl.request("GET", "\(stack.url)/v1/users/me", token: lan.token)
                let changed = try await Curl.request(
                    "PATCH",
                    "\(stack.url)/v1/users/me",
                    json: #"{"locale":"en"}"#,
                    token: lan.token,
                    headers: ["If-Match": try #require(me.headers["etag"])]
                )
                #expect(changed.status == 200)
                let profile = try #require(changed.headers["event-position"])
                #expect(profile.contains("/user:user-profiles:") && profile.contains("/user:user-events:"))
                let both = ["Min-Position": "\(position), \(profile)"]
                _ = try await stack.call("GET", "/v1/notifications", token: lan.token, headers: both, status: 200)
                try await lan.pay(try asked.json.text("id"))
                let told = try await eventually("the person is told") { try await lan.messages().first }
                #expect(told.contains("Your ticket"))
            }
        }

        @Test func `a place that is not reached in time is 503, and what is no place 422`() async throws {
            try await RunningStack.with { stack in
                let lan = try await Cinema(stack).visitor("lan")
                let bookings = "\(stack.url)/v1/bookings"
                let future = ["Min-Position": "/booking:ticket-requests:3:1000000"]
                let late = try await Curl.request("GET", bookings, token: lan.token, headers: future)
                #expect(late.status == 503)
                #expect(late.json["code"].string == "position_not_reached")
                #expect(late.headers["retry-after"] == "1")
                let wrong = try await Curl.request("GET", bookings, token: lan.token, headers: ["Min-Position": "soon"])
                #expect(wrong.status == 422)
            }
        }
    }
}
