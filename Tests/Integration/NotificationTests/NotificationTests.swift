import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

@Suite(.serialized) struct NotificationTests {
    @Test func `a booked ticket is told in the inbox and by mail, once, across a crash`() async throws {
        let mails = try await MailSink()
        let rig = try await NotificationRig(mailPort: mails.port)
        var service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let token = try rig.token(for: user)
        try await rig.register(user, email: "ngoc@example.com")
        let event = try Event(rig.booked(user), at: WallClock.system.now, source: "/booking")
        try await rig.producer.send(event)
        try await eventually("welcome and ticket are mailed", within: 20) { mails.messages.count == 2 }
        try await service.kill()
        // The same event again, as a replay after a restored backup would send it.
        try await rig.producer.send(event)
        service = try await rig.service()
        let marker = NotificationRequested(userID: user, message: "xong", template: "unknown", data: [:])
        try await rig.publish(marker)
        let url = service.url
        let items = try await eventually("the marker is told", within: 20) { () -> [JSON]? in
            let answer = try await Curl.request("GET", "\(url)/v1/notifications", token: token)
            let items = answer.json["items"].array
            return items.first?["message"].string == "xong" ? items : nil
        }
        #expect(items.map { $0["message"].string } == ["xong", "Vé của bạn cho suất 19:00 đã được đặt thành công!"])
        // A mail that was taken just before the kill may come again, under the Message-ID that it had.
        #expect(mails.messages.allSatisfy { $0.recipients == ["ngoc@example.com"] })
        #expect(Set(mails.messages.map { Self.field("Message-ID", in: $0.text) }).count == 2)
    }

    @Test func `a person reads and counts only what is theirs`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let token = try rig.token(for: user)
        let other = try rig.token(for: .version7(at: WallClock.system.now))
        for _ in 0..<3 { try await rig.publish(rig.booked(user)) }
        let list = "\(service.url)/v1/notifications"
        try await eventually("three are unread", within: 20) {
            try await Curl.request("GET", "\(list)/unread-count", token: token).json["unread_count"].int == 3
        }
        let first = try await Curl.request("GET", "\(list)?limit=2", token: token).json
        #expect(first["items"].array.count == 2)
        let id = try #require(first["items"].array.first?["id"].string)
        let cursor = try #require(first["next_cursor"].string)
        let second = try await Curl.request("GET", "\(list)?limit=2&cursor=\(cursor)", token: token).json
        #expect(second["items"].array.count == 1)
        #expect(try await Curl.request("PATCH", "\(list)/\(id)", json: #"{"read":true}"#, token: other).status == 404)
        #expect(try await Curl.request("PATCH", "\(list)/\(id)", json: #"{"read":true}"#, token: token).status == 200)
        let unread = try await Curl.request("GET", "\(list)?unread=true", token: token).json
        #expect(unread["items"].array.count == 2)
        func unseen() async throws -> Int? {
            try await Curl.request("GET", "\(list)/unread-count", token: token).json["unseen_count"].int
        }
        let all = try await unseen()
        #expect(all ?? 0 > 0)
        #expect(try await Curl.request("POST", "\(list)/seen-all", token: token).status == 204)
        #expect(try await unseen() == 0)
        let left = try await Curl.request("GET", "\(list)/unread-count", token: token).json["unread_count"].int
        #expect(left == all, "what was seen is as unread as before")
        try await rig.publish(rig.booked(user))
        try await eventually("what comes later is new", within: 20) { try await unseen() == 1 }
        #expect(try await Curl.request("POST", "\(list)/read-all", token: token).status == 204)
        #expect(try await unseen() == 0)
        #expect(try await Curl.request("GET", "\(list)/unread-count", token: token).json["unread_count"].int == 0)
        #expect(try await Curl.request("GET", list).status == 401)
    }

    @Test func `what is archived is read and out of the way until it is taken out`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let (token, list) = (try rig.token(for: user), "\(service.url)/v1/notifications")
        for _ in 0..<2 { try await rig.publish(rig.booked(user)) }
        try await eventually("both are there", within: 20) { try await rig.inbox(of: user, service).count == 2 }
        let id = try #require(try await rig.inbox(of: user, service).first?["id"].string)
        func mark(_ json: String) async throws -> Curl.Response {
            try await Curl.request("PATCH", "\(list)/\(id)", json: json, token: token)
        }
        func archive() async throws -> [String?] {
            let page = try await Curl.request("GET", "\(list)?archived=true", token: token).json
            return page["items"].array.map { $0["id"].string }
        }
        let archived = try await mark(#"{"archived":true}"#).json
        #expect(archived["archived_at"].string != nil && archived["read_at"].string != nil)
        #expect(try await rig.inbox(of: user, service).map { $0["id"].string }.contains(id) == false)
        #expect(try await archive() == [id])
        let count = try await Curl.request("GET", "\(list)/unread-count", token: token)
        #expect(count.json["unread_count"].int == 1)
        #expect(try await mark(#"{"archived":true,"read":false}"#).status == 422)
        #expect(try await mark(#"{"archived":null,"read":false}"#).status == 422)
        #expect(try await mark("{}").status == 422)
        #expect(try await mark(#"{"archived":false}"#).json["read_at"].string != nil, "it stays read")
        _ = try await mark(#"{"archived":true}"#)
        #expect(try await mark(#"{"read":false}"#).json["archived_at"] == .null, "unread it comes back")
        #expect(try await archive().isEmpty)
        #expect(try await rig.inbox(of: user, service).count == 2)
    }

    @Test func `a socket hears of news and closes with 4401 when its session is revoked`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let session = Identifier.version7(at: WallClock.system.now)
        let token = try rig.token(for: user, session: session)
        let loops = try EventLoopGroup(count: 1)
        let loop = loops.next()
        let address = try #require(SocketAddress(host: "127.0.0.1", port: service.port))
        let heard = Mutex<[String]>([])
        let code = try await loop.run {
            var code: WebSocketCloseCode?
            try await WebSocket.connect(
                to: address,
                on: loop,
                path: "/v1/notifications/ws",
                protocols: ["notifications.v1", "bearer.\(token)"]
            ) { socket in
                #expect(socket.subprotocol == "notifications.v1")
                while let message = await socket.next() {
                    guard case .text(let text) = message else { continue }
                    heard.withLock { $0.append(text) }
                    if text.contains(#""ready""#) { try await rig.publish(rig.booked(user)) }
                    if text.contains("19:00") {
                        let now = WallClock.system.now
                        try await rig.publish(
                            SessionRevoked(userID: user, sessionID: session, notBefore: now, reason: "logout")
                        )
                    }
                }
                code = socket.closeCode
            }
            return code
        }
        #expect(code == .unauthorized)
        #expect(heard.withLock { $0.count } == 2)
        let list = "\(service.url)/v1/notifications"
        #expect(try await Curl.request("GET", list, token: token).status == 401)
        loops.shutdown()
    }

    @Test func `a stream resumes behind the last event`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let token = try rig.token(for: user)
        for _ in 0..<3 { try await rig.publish(rig.booked(user)) }
        try await eventually("three are there", within: 20) {
            let url = "\(service.url)/v1/notifications/unread-count"
            return try await Curl.request("GET", url, token: token).json["unread_count"].int == 3
        }
        let result = try await Command.run(
            "curl",
            [
                "-sN", "--max-time", "2", "-H", "Authorization: Bearer \(token)", "-H", "Last-Event-ID: 1",
                "\(service.url)/v1/notifications/stream",
            ]
        )
        #expect(result.output.contains("id: 2") || result.output.contains("id:2"))
        #expect(result.output.split(separator: "event: notification", omittingEmptySubsequences: false).count == 3)
    }

    private static func field(_ name: String, in text: String) -> String {
        text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }.map(String.init) ?? ""
    }
}
