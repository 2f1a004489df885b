import System
import TestSupport
import Testing

extension EndToEnd {
    /// One program is down for hours or days while the others go on.
    @Suite struct AloneTests {
        @Test func `whichever service was down for hours and days catches up, and each effect is there once`()
            async throws
        {
            let stack = try await ServiceEnsemble()
            try stack.start()
            try await stack.waitUntilReady()
            let inYears = stack.clock.now.adding(seconds: 3 * 365 * 86_400)
            let cinema = try await Cinema(stack, rows: "ABC", startingAt: inYears)
            var (ahead, number) = (Int64(0), 0)
            for service in [
                "gateway", "user", "auth", "media", "batch-upload", "like", "notification", "booking", "comment",
                "chat",
                "analytics",
            ] {
                // Longer than inboxes remember, too.
                for hours in [9, 15 * 24] {
                    number += 1
                    let seat = "\(["A", "B", "C"][number / 10])\(number % 10 + 1)"
                    let guest = try await cinema.visitor("guest\(number)")
                    let booking = try await guest.book(seat).json.text("id")
                    try await stack.stop([service])
                    // What others do meanwhile, as far as they can without it.
                    if service != "gateway", service != "booking" {
                        try await guest.pay(booking)
                        try await guest.expect(booking, is: "booked")
                    }
                    if service == "auth" || service == "booking" { try await Self.signUp("late\(number)", at: stack) }
                    ahead += Int64(hours) * 3600
                    try stack.clock.set(ahead: ahead)
                    try stack.start([service])
                    try await stack.waitUntilReady()
                    try await Self.expectEnd(of: booking, by: "guest\(number)", service: service, in: cinema)
                    if service == "auth" || service == "booking" {
                        _ = try await stack.logIn("late\(number)@example.com", password: Self.password("late\(number)"))
                    }
                }
            }
            try await ClockTests.expectStory(of: "last", on: "C10", in: cinema)
            try await stack.stop()
        }

        private static func password(_ name: String) -> String { "correct horse battery \(name)" }

        private static func signUp(_ name: String, at stack: ServiceEnsemble) async throws {
            let account = #"{"email":"\#(name)@example.com","password":"\#(password(name))","display_name":"Late"}"#
            _ = try await stack.call("POST", "/v1/users", account, status: 201)
        }

        /// A booking that was paid for in time is booked and told once; one that was not is expired, once.
        private static func expectEnd(
            of booking: String,
            by name: String,
            service: String,
            in cinema: Cinema
        ) async throws {
            let stack = cinema.stack
            let token = try await stack.logIn("\(name)@example.com", password: password(name))
            let guest = Visitor(cinema: cinema, token: token)
            let isPaid = service != "gateway" && service != "booking"
            try await guest.expect(booking, is: isPaid ? "booked" : "expired", within: 20)
            let ledger = try await LogReader(broker: stack.broker).events("ticket-events")
            #expect(ledger.count(isPaid ? "ticket.booked" : "ticket.expired", of: booking) == 1, "\(service)")
            try await eventually("\(name) is told once") { try await guest.messages().count == (isPaid ? 1 : 0) }
        }
    }
}
