import System
import TestSupport
import Testing

extension EndToEnd {
    /// Wall clocks that are wrong, or are set while everything runs.
    @Suite struct ClockTests {
        private static let hour: Int64 = 3600

        @Test func `an hour that comes twice stops nothing`() async throws {
            let stack = try await ServiceEnsemble()
            try stack.start()
            try await stack.waitUntilReady()
            let cinema = try await Cinema(stack)
            _ = try await cinema.visitor("lan")
            let session = try await stack.session("lan@example.com", password: "correct horse battery lan")
            let before = Visitor(cinema: cinema, token: try session.text("access_token"))
            let booking = try await before.book("A1").json.text("id")

            try stack.clock.set(ahead: -Self.hour)
            // A token from the future is refused, and its session goes on.
            let refused = try await Curl.request("GET", "\(stack.url)/v1/users/me", token: before.token)
            #expect(refused.status == 401 && refused.json["code"].string == "invalid_token", "\(refused.body)")
            let body = #"{"refresh_token":"\#(try session.text("refresh_token"))"}"#
            let refreshed = try await stack.call("POST", "/v1/auth/token", body, status: 200)
            let lan = Visitor(cinema: cinema, token: try refreshed.text("access_token"))
            try await lan.pay(booking)
            try await lan.expect(booking, is: "booked")
            try await eventually("the buyer is told") { try await lan.messages().isEmpty == false }
            try await Self.expectStory(of: "minh", on: "A2", in: cinema)
            let order = try await stack.call("GET", "/v1/notifications", token: lan.token, status: 200)
            #expect(order["items"].array.count == 1)
            // Within the time that a stop may take: nothing waits for the hour to pass.
            try await stack.stop()
        }

        @Test func `a service whose clock is wrong refuses what it cannot judge, until it is right`() async throws {
            let stack = try await ServiceEnsemble()
            let wrong = try await TestClock()
            try stack.start(ServiceEnsemble.services.filter { $0 != "booking" })
            try wrong.set(ahead: 4)
            try stack.start(["booking"], clock: wrong)
            try await stack.waitUntilReady()
            let cinema = try await Cinema(stack)
            // Less than five seconds are nobody's trouble.
            try await Self.expectStory(of: "an", on: "A1", in: cinema)
            try wrong.set(ahead: -4)
            try await Self.expectStory(of: "binh", on: "A2", in: cinema)

            let lan = try await cinema.visitor("lan")
            for (ahead, code) in [(Self.hour, "token_expired"), (-Self.hour, "invalid_token")] {
                try wrong.set(ahead: ahead)
                let refused = try await Curl.request("GET", "\(stack.url)/v1/bookings", token: lan.token)
                #expect(refused.status == 401 && refused.json["code"].string == code, "\(refused.body)")
                _ = try await stack.call("GET", "/v1/notifications", token: lan.token, status: 200)
            }
            try wrong.set(ahead: 0)
            _ = try await stack.call("GET", "/v1/bookings", token: lan.token, status: 200)
            try await Self.expectStory(of: "chi", on: "A3", in: cinema)
            try await stack.stop()
        }

        /// Somebody signs up, books, pays and is told.
        static func expectStory(of name: String, on seat: String, in cinema: Cinema) async throws {
            let guest = try await cinema.visitor(name)
            let booking = try await guest.book(seat).json.text("id")
            try await guest.pay(booking)
            try await guest.expect(booking, is: "booked")
            try await eventually("the guest is told") { try await guest.messages().count == 1 }
        }
    }
}
