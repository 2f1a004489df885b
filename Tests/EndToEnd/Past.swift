import Synchronization
import System
import TestSupport
import Testing

/// What there was before a backup, and what must be true of it in a stack that was restored.
final class Past: Sendable {
    private struct State {
        var showtime = ""
        var session = JSON.null
        var booked = ""
        var locked = ""
        var mails: [String] = []
    }

    private let state = Mutex(State())
    private static let words = "đã được đặt thành công"
    private static let logIn = #"{"email":"lan@example.com","password":"correct horse battery lan"}"#

    var showtime: String { state.withLock(\.showtime) }

    /// Lan has booked and was told; Minh holds a seat that is not paid for.
    func live(in stack: RunningStack, _ mails: MailSink) async throws {
        let cinema = try await Cinema(stack, rows: "ABCDE")
        let lan = try await cinema.visitor("lan")
        let minh = try await cinema.visitor("minh")
        let booked = try await lan.book("A1", "A2").json.text("id")
        try await lan.pay(booked)
        try await lan.expect(booked, is: "booked")
        try await eventually("Lan is told") { try await lan.messages().contains { $0.contains(Self.words) } }
        try await eventually("and gets a mail") { Self.ids(mails, to: "lan").count >= 3 }
        let locked = try await minh.book("A3").json.text("id")
        let session = try await stack.call("POST", "/v1/auth/login", Self.logIn, status: 200)
        state.withLock { state in
            state = State(
                showtime: cinema.showtime,
                session: session,
                booked: booked,
                locked: locked,
                mails: Self.ids(mails)
            )
        }
    }

    /// Log-outs and changed passwords of after the backup are forgotten, so every session of before is, too.
    func expectNobodyIsSignedIn(to stack: RunningStack) async throws {
        let session = state.withLock(\.session)
        let statuses = try await EndToEnd.SessionTests.statuses(stack, token: try session.text("access_token"))
        #expect(statuses == EndToEnd.SessionTests.doors.mapValues { _ in 401 })
        let refresh = try await stack.call(
            "POST",
            "/v1/auth/token",
            #"{"refresh_token":"\#(try session.text("refresh_token"))"}"#,
            status: 401
        )
        #expect(refresh["code"].string == "invalid_refresh_token")
        let late = #"{"email":"late@example.com","password":"correct horse battery late"}"#
        _ = try await stack.call("POST", "/v1/auth/login", late, status: 401)
    }

    /// What was locked can be paid for, what was under way is decided, what is free can be booked.
    func expectStoryGoesOn(in stack: RunningStack) async throws {
        let (showtime, locked) = state.withLock { ($0.showtime, $0.locked) }
        let cinema = Cinema(stack, showtime: showtime)
        let minh = try await cinema.returning("minh")
        try await minh.pay(locked)
        try await minh.expect(locked, is: "booked")
        let hoa = try await cinema.visitor("hoa")
        let answer = try await hoa.book("A10")
        #expect(answer.status == 201, "\(answer.body)")
        try await hoa.pay(answer.json.text("id"))
        try await hoa.expect(answer.json.text("id"), is: "booked")
        for number in 0..<4 {
            let busy = try await cinema.returning("busy-\(number)")
            try await eventually("all that Busy asked for is decided") {
                let list = try await stack.call("GET", "/v1/bookings", token: busy.token, status: 200)
                return list["items"].array.allSatisfy { ["locked", "booked"].contains($0["state"].string) }
            }
        }
    }

    /// Nobody is told, mailed or charged twice, and no two events have one outbox row.
    func expectNothingTwice(in stack: RunningStack, _ mails: MailSink) async throws {
        let past = state.withLock(\.self)
        let cinema = Cinema(stack, showtime: past.showtime)
        let lan = try await cinema.returning("lan")
        try await lan.expect(past.booked, is: "booked")
        #expect(try await lan.messages().filter { $0.contains(Self.words) }.count == 1)
        let sent = Self.ids(mails)
        let repeated = past.mails.filter { id in sent.count { $0 == id } != 1 }
        #expect(repeated.isEmpty, "\(repeated)")
        let audit = try await stack.call(
            "GET",
            "/v1/admin/showtimes/\(past.showtime)/audit",
            token: try await stack.administrator(),
            status: 200
        )
        #expect(audit["violations"].array.isEmpty, "\(audit)")
        try await Self.judge(try await EventCheck.records(broker: stack.broker))
    }

    private static func judge(_ records: [String]) async throws {
        let judged = try await EventCheck.run(records)
        #expect(judged.status.isSuccess, "\(judged.output)")
        var rows: [String: String] = [:]
        var payments: [String: Set<String>] = [:]
        for line in records {
            let record = try JSON(parsing: line)
            let fields = record["headers"].array.compactMap(\.string)
            let headers = Dictionary(
                stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
            ) { $1 }
            guard let id = headers["ce_id"], let source = headers["ce_source"] else { continue }
            if let row = headers["outbox-position"] {
                #expect(rows.updateValue(id, forKey: "\(source) \(row)") ?? id == id, "row \(row) of \(source)")
            }
            if headers["ce_type"] == "payment.succeeded" {
                let payload = try JSON(parsing: record["payload"].string ?? "")
                payments[try payload.text("booking_id"), default: []].insert(id)
            }
        }
        #expect(payments.count >= 2 && payments.values.allSatisfy { $0.count == 1 }, "\(payments)")
    }

    /// The Message-IDs of the mails so far.
    private static func ids(_ mails: MailSink, to name: String? = nil) -> [String] {
        mails.messages.filter { mail in
            name.map { mail.recipients.contains("\($0)@example.com") } ?? true
        }.compactMap { mail in
            mail.text.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("message-id:") }.map(
                String.init
            )
        }
    }
}
