import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct PreferenceTests {
    private let user = Identifier.version7(at: WallClock.system.now)

    private func start(_ mails: MailSink) async throws -> (NotificationRig, ServiceProcess) {
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        try await rig.register(user, email: "ngoc@example.com", locale: "en")
        try await eventually("the welcome is mailed", within: 20) { mails.messages.count == 1 }
        return (rig, service)
    }

    private func ready(of owner: Identifier) -> MediaProcessed {
        MediaProcessed(
            mediaID: .version7(at: WallClock.system.now),
            ownerID: owner,
            visibility: .public,
            kind: .image,
            width: 1,
            height: 1,
            placeholder: "",
            variants: []
        )
    }

    /// The decision about a channel in the newest notification's explanation.
    private func decision(
        _ channel: String,
        _ rig: NotificationRig,
        _ service: ServiceProcess
    ) async throws -> [String?] {
        let id = try await rig.inbox(of: user, service).first?["id"].string ?? ""
        let url = "\(service.url)/v1/notifications/\(id)/explain"
        let answer = try await Curl.request("GET", url, token: rig.token(for: user)).json
        let found = answer["channels"].array.first { $0["channel"].string == channel }
        return [found?["decision"].string, found?["rule"].string]
    }

    @Test func `a channel is wanted as the person says, and alerts come whatever is said`() async throws {
        let mails = try await MailSink()
        let (rig, service) = try await start(mails)
        let (url, token) = ("\(service.url)/v1/notifications/preferences", try rig.token(for: user))
        let first = try await Curl.request("GET", url, token: token)
        #expect(first.json["email"].bool == true && first.json["time_zone"].string == "Asia/Ho_Chi_Minh")
        let wanted = #"{"types":{"booking":{"email":false},"media.processed":{"email":true,"in_app":true}}}"#
        #expect(try await Curl.request("PUT", url, json: wanted, token: token).status == 200)
        try await rig.publish(rig.booked(user))
        try await eventually("the ticket is told", within: 20) { try await rig.inbox(of: user, service).count == 1 }
        #expect(try await decision("email", rig, service) == ["off", "group"])
        try await rig.publish(ready(of: user))
        try await eventually("the photo is mailed", within: 20) { mails.messages.count == 2 }
        #expect(try await decision("email", rig, service) == ["queued", "type"])
        let none = #"{"email":false,"types":{"security":{"in_app":false}}}"#
        #expect(try await Curl.request("PUT", url, json: none, token: token).status == 200)
        try await rig.publish(UserPasswordChanged(userID: user, timestamp: WallClock.system.now))
        try await eventually("the alert is mailed", within: 20) { mails.messages.count == 3 }
        #expect(try await decision("email", rig, service) == ["queued", "critical"])
        #expect(try await rig.inbox(of: user, service).count == 3)
    }

    @Test func `preferences that cannot be are refused, and a lost update is noticed`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (url, token) = ("\(service.url)/v1/notifications/preferences", try rig.token(for: user))
        for body in [
            #"{"types":{"nothing":{"email":true}}}"#, #"{"types":{"booking":{"pigeon":true}}}"#,
            #"{"time_zone":"Mars/Olympus"}"#, #"{"time_zone":"../../etc/passwd"}"#, #"{"digest":"weekly"}"#,
            #"{"quiet_hours":{"start":"22:00","end":"22:00"}}"#, #"{"quiet_hours":{"start":"2:00","end":"24:00"}}"#,
            #"{"emails":true}"#, #"{"quiet_hours":{"start":"22:00","end":"07:00","x":1}}"#,
        ] {
            #expect(try await Curl.request("PUT", url, json: body, token: token).status == 422, "\(body)")
        }
        let tag = try #require(try await Curl.request("GET", url, token: token).headers["etag"])
        let quiet = #"{"quiet_hours":{"start":"22:00","end":"07:00"},"time_zone":"Europe/Berlin","digest":"daily"}"#
        let match = ["If-Match": tag]
        #expect(try await Curl.request("PUT", url, json: quiet, token: token, headers: match).status == 200)
        #expect(try await Curl.request("PUT", url, json: quiet, token: token, headers: match).status == 412)
        let kept = try await Curl.request("GET", url, token: token)
        #expect(kept.json["quiet_hours"]["end"].string == "07:00" && kept.json["digest"].string == "daily")
        let unchanged = ["If-None-Match": kept.headers["etag"] ?? ""]
        #expect(try await Curl.request("GET", url, token: token, headers: unchanged).status == 304)
    }

    @Test func `one click in a mail ends mails of its kind`() async throws {
        let mails = try await MailSink()
        let (rig, service) = try await start(mails)
        #expect(!mails.messages[0].text.contains("List-Unsubscribe"))
        try await rig.publish(rig.booked(user))
        try await eventually("the ticket is mailed", within: 20) { mails.messages.count == 2 }
        let mail = mails.messages[1].text
        #expect(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
        let link = try #require(mail.firstMatch(of: /List-Unsubscribe: <http[^>]*\?token=([^>]+)>/)?.1)
        let url = "\(service.url)/v1/notifications/unsubscribe?token="
        #expect(try await Curl.request("POST", "\(url)\(link.dropLast())A").status == 422)
        for _ in 0..<2 { #expect(try await Curl.request("POST", "\(url)\(link)").status == 204) }
        try await rig.publish(rig.booked(user))
        try await eventually("the next is told", within: 20) { try await rig.inbox(of: user, service).count == 2 }
        #expect(try await decision("email", rig, service) == ["off", "type"])
    }

    @Test func `an address that was refused for good gets no more until it is another`() async throws {
        let mails = try await MailSink(answers: ["550 5.1.1 no such person"])
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        try await rig.register(user, email: "nobody@example.com")
        try await eventually("it is refused", within: 20) { rig.mailOutcomes == [NotificationFailed.type] }
        try await rig.publish(rig.booked(user))
        try await eventually("the ticket is told", within: 20) { try await rig.inbox(of: user, service).count == 1 }
        #expect(try await decision("email", rig, service) == ["suppressed", "default"])
        try await rig.register(user, email: "ngoc@example.com")
        try await rig.waitForRows(1, in: "profiles WHERE email = 'ngoc@example.com'")
        try await rig.publish(rig.booked(user))
        try await eventually("the other address gets mail", within: 20) {
            mails.messages.last?.recipients == ["ngoc@example.com"]
        }
        #expect(mails.messages.count { $0.recipients == ["nobody@example.com"] } == 1)
    }

    @Test func `what is held back for quiet hours is not sent once it has been read`() async throws {
        let mails = try await MailSink()
        let (rig, service) = try await start(mails)
        let (url, token) = ("\(service.url)/v1/notifications", try rig.token(for: user))
        // Quiet from a minute ago to an hour hence, on a clock that shows UTC.
        let minute = Int(WallClock.system.now.milliseconds / 60_000 % 1440)
        func time(_ minute: Int) -> String {
            let pair = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
            return "\(pair(minute / 60 % 24)):\(pair(minute % 60))"
        }
        let hours = #"{"start":"\#(time(minute + 1439))","end":"\#(time(minute + 60))"}"#
        let quiet = #"{"time_zone":"Etc/UTC","quiet_hours":\#(hours)}"#
        #expect(try await Curl.request("PUT", "\(url)/preferences", json: quiet, token: token).status == 200)
        try await rig.publish(rig.booked(user))
        try await rig.publish(UserPasswordChanged(userID: user, timestamp: WallClock.system.now))
        try await eventually("the alert comes through", within: 20) { mails.messages.count == 2 }
        #expect(mails.messages[1].text.contains("password"))
        let held = "deliveries WHERE state = 'queued' AND template = 'booking.booked'"
        try await rig.waitForRows(1, in: held)
        #expect(try await Curl.request("POST", "\(url)/read-all", token: token).status == 204)
        // The end of the quiet hours, now.
        _ = try await rig.rows("UPDATE deliveries SET due_at = 0 WHERE state = 'queued' RETURNING 1")
        try await rig.waitForRows(1, in: "deliveries WHERE state = 'cancelled' AND reason = 'read'")
        #expect(mails.messages.count == 2)
    }

    @Test func `a digest is one mail of what is unread, however many come at once`() async throws {
        let mails = try await MailSink()
        let (rig, service) = try await start(mails)
        let (url, token) = ("\(service.url)/v1/notifications", try rig.token(for: user))
        let daily = #"{"digest":"daily"}"#
        #expect(try await Curl.request("PUT", "\(url)/preferences", json: daily, token: token).status == 200)
        for _ in 0..<5 { try await rig.publish(ready(of: user)) }
        try await rig.waitForRows(5, in: "digest_items")
        #expect(try await decision("email", rig, service) == ["digest", "default"])
        let first = try #require(try await rig.inbox(of: user, service).first?["id"].string)
        let read = try await Curl.request("PATCH", "\(url)/\(first)", json: #"{"read":true}"#, token: token)
        #expect(read.status == 200)
        // The morning, now, while more comes.
        _ = try await rig.rows("UPDATE digests SET due_at = 0 RETURNING 1")
        for _ in 0..<5 { try await rig.publish(ready(of: user)) }
        try await eventually("the digest is mailed", within: 20) { mails.messages.count == 2 }
        try await rig.waitForRows(10, in: "digest_items")
        _ = try await rig.rows("UPDATE digests SET due_at = 0 WHERE is_open = 1 RETURNING 1")
        // All in the first, or the rest in a second: each once.
        try await eventually("all are mailed", within: 20) {
            let counts = mails.messages.dropFirst().compactMap { mail in
                mail.text.firstMatch(of: /Subject: You have (\d+) new/).flatMap { Int($0.1) }
            }
            return counts.reduce(0, +) == 9
        }
        #expect(mails.messages.count <= 3)
    }
}
