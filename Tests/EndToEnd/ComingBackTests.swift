import System
import TestSupport
import Testing

extension EndToEnd {
    /// All programs stop, all clocks move past everything that is kept for a time, and all programs come back.
    @Suite struct ComingBackTests {
        /// Longer than anything is kept: the trail of an account's log-ins, 400 days, is kept longest.
        static let duration: Int64 = 500 * 86_400

        @Test func `a stack that was away for years goes on where it was, whichever program starts first`() async throws
        {
            let mails = try await MailSink(answers: ["550 no such person"])
            let stack = try await ServiceEnsemble(["SMTP_URL": mails.url])
            try stack.start()
            try await stack.waitUntilReady()
            var absence = try await Absence(stack, mails: mails)
            try await stack.stop([
                "user", "auth", "media", "batch-upload", "like", "booking", "comment", "gateway", "notification",
                "analytics", "chat",
            ])

            try stack.clock.set(ahead: Self.duration)
            try await absence.returnMails()
            // The broker last.
            try stack.start([
                "gateway", "chat", "analytics", "comment", "booking", "notification", "like", "media", "batch-upload",
                "auth",
                "user", "broker",
            ])
            try await stack.waitUntilReady()
            try await absence.expectAccounts()
            try await absence.expectBookings()
            try await absence.expectNothingTwice()
            try await absence.expectExpiredRecordsGone()
            try await absence.expectStory(by: "mai", on: "C1")

            for (number, order) in [
                [
                    "broker", "notification", "gateway", "like", "analytics", "comment", "media", "batch-upload",
                    "user", "booking",
                    "auth", "chat",
                ],
                [
                    "auth", "user", "media", "batch-upload", "booking", "gateway", "analytics", "notification",
                    "comment", "chat", "like",
                    "broker",
                ],
            ].enumerated() {
                try await stack.stop(order)
                try stack.clock.set(ahead: Self.duration + Int64(number + 1) * 40 * 86_400)
                try stack.start(order.reversed())
                try await stack.waitUntilReady()
                try await absence.expectStory(by: "guest\(number)", on: "C\(number + 2)")
            }
            try await absence.expectNothingTwice()
            for service in ServiceEnsemble.services {
                let bad = stack.log(of: service).split(separator: "\n").filter { $0.contains(#""level":"critical""#) }
                #expect(bad.isEmpty, "\(service): \(bad.first ?? "")")
            }
            try await stack.stop()
        }
    }
}

extension Absence {
    /// The mail server is there again.
    mutating func returnMails() async throws {
        laterMails = try await MailSink(port: mails.port)
    }

    /// What tokens, passwords and sessions are worth now.
    func expectAccounts() async throws {
        let url = installation.url
        let access = try await Curl.request("GET", "\(url)/v1/users/me", token: lan.token)
        #expect(access.status == 401 && access.json["code"].string == "token_expired", "\(access.body)")
        let token = #"{"refresh_token":"\#(try session.text("refresh_token"))"}"#
        let refresh = try await Curl.request("POST", "\(url)/v1/auth/token", json: token)
        #expect(refresh.status == 401 && refresh.json["code"].string == "invalid_refresh_token", "\(refresh.body)")
        let erased = try await Curl.request("POST", "\(url)/v1/auth/login", json: Self.logIn("hoa"))
        #expect(erased.status == 401)
        // Signed up while the broker was away.
        _ = try await installation.logIn("nam@example.com", password: "correct horse battery nam")
        let policy = try await installation.call(
            "GET",
            "/v1/admin/rate-limits",
            token: try await installation.administrator(),
            status: 200
        )
        #expect(policy["rules"].array.contains { $0["quota"].int == 77 }, "\(policy)")
        let left = try session.text("session_id")
        try await eventually("the end of the session is told once") {
            let events = try await LogReader(broker: installation.broker).events("auth-events")
            return events.count { $0.type == "auth.token-expired" && $0.payload["session_id"].string == left } == 1
        }
    }
}
