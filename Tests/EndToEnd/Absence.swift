import System
import TestSupport
import Testing

/// A story that was broken off: bookings in every state, mails and events that were not sent, sessions, keys of repeats.
/// Made before a stop, looked at after it.
struct Absence {
    let installation: ServiceEnsemble
    let mails: MailSink
    /// The server on the same port, later.
    var laterMails: MailSink?
    let cinema: Cinema
    let (lan, minh): (Visitor, Visitor)
    /// By the state that they were left in.
    var bookings: [String: String] = [:]
    /// Lan's tokens, of a session that nobody ended.
    let session: JSON
    /// What Lan and Minh had been told.
    var told: [[String]] = []

    /// The password of whoever has the name.
    static func logIn(_ name: String) -> String {
        #"{"email":"\#(name)@example.com","password":"correct horse battery \#(name)"}"#
    }

    /// Lives it, on an installation that runs; its mails go to `mails`. At the end the broker is stopped, and what is
    /// written then waits in the outboxes.
    init(_ installation: ServiceEnsemble, mails: MailSink) async throws {
        self.installation = installation
        self.mails = mails
        let inYears = installation.clock.now.adding(seconds: 3 * 365 * 86_400)
        cinema = try await Cinema(installation, rows: "ABC", startingAt: inYears)
        lan = try await cinema.visitor("lan")
        minh = try await cinema.visitor("minh")
        session = try await installation.session("lan@example.com", password: "correct horse battery lan")
        let shortLived = try await installation.session("lan@example.com", password: "correct horse battery lan")
        let logOut = try shortLived.text("access_token")
        _ = try await installation.call("POST", "/v1/auth/logout", token: logOut, status: 204)
        try await setPolicy()
        try await erase("hoa")
        try await book()
        told = [try await lan.messages(), try await minh.messages()]
        try await installation.stop(["broker"])
        bookings["requested"] = try await lan.request("A5")
        let late = #"{"email":"nam@example.com","password":"correct horse battery nam","display_name":"Nam"}"#
        _ = try await installation.call("POST", "/v1/users", late, status: 201)
    }

    private func setPolicy() async throws {
        let policy = """
            {"rules":[{"name":"movies","scope":"address","method":"GET","route":"/v1/movies","quota":77,"window_seconds":60}]}
            """
        _ = try await installation.call(
            "PUT",
            "/v1/admin/rate-limits",
            policy,
            token: try await installation.administrator(),
            headers: ["If-Match": "\"0\""],
            status: 200
        )
    }

    private func erase(_ name: String) async throws {
        let gone = try await cinema.visitor(name)
        let begun = try await installation.call("DELETE", "/v1/users/me", token: gone.token, status: 202)
        let path = "/v1/erasures/\(try begun.text("erasure_id"))?receipt_token=\(try begun.text("receipt_token"))"
        try await eventually("every service has acknowledged") {
            try await installation.call("GET", path, status: 200)["complete"].bool == true
        }
    }

    private mutating func book() async throws {
        bookings["booked"] = try await sold("A1", to: lan)
        bookings["locked"] = try await lan.book("A2").json.text("id")
        bookings["repeatable"] = try await lan.request("A3", key: "one").json.text("id")
        let cancelled = try await sold("B1", to: minh)
        _ = try await installation.call("POST", "/v1/bookings/\(cancelled)/cancel", token: minh.token, status: 202)
        try await minh.expect(cancelled, is: "refunded")
        bookings["refunded"] = cancelled
        let moved = try await sold("B2", to: minh)
        let offer = try await installation.call(
            "POST",
            "/v1/bookings/\(moved)/transfer",
            token: minh.token,
            status: 201
        )
        let code = #"{"code":"\#(try offer.text("code"))"}"#
        _ = try await installation.call("POST", "/v1/tickets/claim", code, token: lan.token, status: 200)
        bookings["transferred"] = moved
        try await eventually("the buyer has two mails of the account and one of each sale") {
            mails.messages.count { $0.answer == "250 OK" && $0.recipients == ["minh@example.com"] } >= 4
        }
        mails.stop()
        bookings["unmailed"] = try await sold("B3", to: minh)
        try await eventually("a mail cannot be sent") {
            installation.log(of: "notification").contains("email not sent")
        }
    }

    private func sold(_ seat: String, to visitor: Visitor) async throws -> String {
        let before = try await visitor.messages().count
        let booking = try await visitor.book(seat).json.text("id")
        try await visitor.pay(booking)
        try await visitor.expect(booking, is: "booked")
        try await eventually("the buyer is told") { try await visitor.messages().count > before }
        return booking
    }
}

/// What is left of it after the return.
extension Absence {
    private var log: LogReader { LogReader(broker: installation.broker) }

    /// Whoever had an account comes back with the password.
    private func returned(_ name: String) async throws -> Visitor {
        let password = "correct horse battery \(name)"
        return Visitor(
            cinema: cinema,
            token: try await installation.logIn("\(name)@example.com", password: password)
        )
    }

    /// Each booking is where it was, or where its time has brought it.
    func expectBookings() async throws {
        let (lan, minh) = (try await returned("lan"), try await returned("minh"))
        func id(_ state: String) throws -> String { try #require(bookings[state]) }
        try await lan.expect(id("booked"), is: "booked")
        try await lan.expect(id("transferred"), is: "booked")
        try await minh.expect(id("refunded"), is: "refunded")
        try await minh.expect(id("unmailed"), is: "booked")
        let path = "/v1/bookings/\(try id("booked"))/tickets"
        let tickets = try await installation.call("GET", path, token: lan.token, status: 200)
        #expect(tickets["items"].array.compactMap { $0["seat"].string } == ["A1"])
        for (seat, state) in [("A1", "booked"), ("B1", "available"), ("B2", "booked"), ("B3", "booked")] {
            #expect(try await cinema.seat(seat) == state, "\(seat)")
        }
        try await lan.expect(id("locked"), is: "expired")
        try await lan.expect(id("repeatable"), is: "expired")
        #expect(try await cinema.seat("A2") == "available")
        // Asked for while the broker was away: the lock begins with the decision.
        try await lan.expect(id("requested"), is: "locked")
        try await lan.pay(id("requested"))
        try await lan.expect(id("requested"), is: "booked")
        // Answers are kept for a day: the key is a new one by now.
        let again = try await lan.request("A3", key: "one")
        #expect(again.status == 202 && again.json["id"].string != bookings["repeatable"])
        let audit = try await installation.call(
            "GET",
            "/v1/admin/showtimes/\(cinema.showtime)/audit",
            token: try await installation.administrator(),
            status: 200
        )
        #expect(audit["violations"].array.isEmpty, "\(audit)")
    }

    /// Every effect is there once.
    func expectNothingTwice() async throws {
        let (ledger, tickets) = (try await log.events("seat-locked"), try await log.events("ticket-events"))
        for state in ["locked", "repeatable"] {
            let booking = try #require(bookings[state])
            #expect(tickets.count("ticket.expired", of: booking) == 1, "\(state)")
            #expect(ledger.count("seat.released", of: booking) == 1, "\(state)")
        }
        for state in ["booked", "transferred", "unmailed", "requested"] {
            let booking = try #require(bookings[state])
            #expect(tickets.count("ticket.booked", of: booking) == 1, "\(state)")
        }
        let now = [try await returned("lan").messages(), try await returned("minh").messages()]
        // Newest first; what was told before stands where it stood.
        for (before, after) in zip(told, now) { #expect(Array(after.suffix(before.count)) == before) }
        let sold = now[0].count { $0.contains("đã được đặt thành công") }
        #expect(sold == 2, "\(now[0])")
        let later = try #require(laterMails)
        try await eventually("the mail that could not be sent is sent") {
            later.messages.contains { $0.recipients == ["minh@example.com"] }
        }
        let sent = (mails.messages + later.messages).filter { $0.answer == "250 OK" }
        let ids = sent.compactMap { mail in
            mail.text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("message-id:") }
        }
        #expect(ids.count == sent.count && Set(ids).count == ids.count)
    }

    /// The broker has let go of what topics keep for a time, and of nothing else.
    func expectExpiredRecordsGone() async throws {
        for topic in ["gateway-requests", "notification-deliveries"] {
            try await eventually("old records of \(topic) are gone") {
                try await log.bounds(topic).contains { $0.first > 0 }
            }
        }
        for topic in ["user-events", "auth-events", "ticket-requests", "seat-locked", "ticket-events", "notifications"]
        {
            #expect(try await log.bounds(topic).allSatisfy { $0.first == 0 }, "\(topic)")
        }
    }

    /// Somebody new signs up, books, pays, is told and has a mail.
    func expectStory(by name: String, on seat: String) async throws {
        let guest = try await cinema.visitor(name)
        let booking = try await guest.book(seat).json.text("id")
        try await guest.pay(booking)
        try await guest.expect(booking, is: "booked")
        try await eventually("the guest is told") {
            try await guest.messages().contains { $0.contains("đã được đặt thành công") }
        }
        try await eventually("the guest has three mails: a welcome, a secret that proves the address, and the tickets")
        {
            laterMails?.messages.count { $0.recipients == ["\(name)@example.com"] } == 3
        }
    }
}
