import System
import TestSupport
import Testing

extension EndToEnd {
    /// Everything that the product is for, once, by curl and a WebSocket client.
    @Suite struct ProductStoryTests {
        @Test func `from signing up to the last seat, and analytics has seen all of it`() async throws {
            let mails = try await MailSink()
            try await RunningStack.with(["SMTP_URL": mails.url]) { stack in
                let cinema = try await Cinema(stack)
                let lan = try await Person(in: cinema, "lan")
                try await eventually("the welcome and the proof of the address are mailed", within: 20) {
                    mails.messages.filter { $0.recipients == ["lan@example.com"] }.count == 2
                }
                let minh = try await Person(in: cinema, "minh")
                let told = try SocketReader(
                    "\(stack.url)/v1/notifications/ws",
                    protocol: "notifications.v1",
                    token: lan.visitor.token
                )
                _ = try await told.first("the socket is open") { _ in true }
                try await photograph(lan, minh, told)
                try await chat(lan, minh)
                let booking = try #require(try await lan.visitor.book("A1", "A2").json["id"].string)
                try await lan.visitor.pay(booking)
                try await lan.visitor.expect(booking, is: "booked")
                _ = try await told.first("the booking is told") { $0.says("đã được đặt thành công") }
                try await expectFigures(of: stack)
            }
        }

        private struct Person {
            let visitor: Visitor
            let id: String
            var stack: any Installation { visitor.cinema.stack }

            init(in cinema: Cinema, _ name: String) async throws {
                visitor = try await cinema.visitor(name)
                id = try await cinema.stack.call("GET", "/v1/users/me", token: visitor.token, status: 200).text("id")
            }

            func call(_ method: String, _ path: String, _ json: String? = nil, status: Int) async throws -> JSON {
                try await stack.call(method, path, json, token: visitor.token, status: status)
            }
        }

        /// A photo is sent and made ready, liked and commented upon, and its owner hears of each over her socket.
        private func photograph(_ lan: Person, _ minh: Person, _ told: SocketReader) async throws {
            let folder = try TemporaryDirectory()
            let path = folder.appending("evening.jpg")
            let made = try await Command.run(
                "ffmpeg",
                ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1200x800", "-frames:v", "1", path]
            )
            try #require(made.status.isSuccess, "\(made.output)")
            let uploaded = try await Curl.request(
                "POST",
                "\(lan.stack.url)/v1/media",
                file: path,
                token: lan.visitor.token,
                headers: ["Content-Type": "image/jpeg"]
            )
            try #require(uploaded.status == 201, "\(uploaded.body)")
            let photo = try uploaded.json.text("id")
            _ = try await told.first("the photo is ready, live") { $0.says("sẵn sàng") }
            let media = try await minh.call("GET", "/v1/media/\(photo)", status: 200)
            #expect(media["state"].string == "ready" && !media["variants"].array.isEmpty)
            #expect(try await minh.call("PUT", "/v1/media/\(photo)/likes/me", status: 200)["count"].int == 1)
            _ = try await told.first("the like is told") { $0.says("thích") }
            _ = try await minh.call("POST", "/v1/media/\(photo)/comments", #"{"body":"Đẹp **quá**!"}"#, status: 201)
            _ = try await told.first("the comment is told") { $0.says("bình luận") }
        }

        /// They know each other's card, talk, and see when the other writes and has read.
        private func chat(_ lan: Person, _ minh: Person) async throws {
            try await eventually("the card of who signed up is there") {
                let url = "\(minh.stack.url)/v1/chat/contacts/\(lan.id)"
                return try await Curl.request("GET", url, token: minh.visitor.token).body.contains("Person lan")
            }
            let room = try await lan.call(
                "POST",
                "/v1/chat/rooms",
                #"{"type":"direct","member_ids":["\#(minh.id)"]}"#,
                status: 201
            ).text("id")
            let url = "\(lan.stack.url)/v1/chat/ws"
            let hers = try SocketReader(url, protocol: "chat.v1", token: lan.visitor.token)
            _ = try await hers.first("ready") { $0["type"].string == "ready" }
            let words = "Tối nay đi xem phim nhé?"
            let send = #"{"type":"send","room_id":"\#(room)","client_message_id":"m-1","body":"\#(words)"}"#
            let typing = #"{"type":"typing","room_id":"\#(room)"}"#
            let his = try SocketReader(url, protocol: "chat.v1", token: minh.visitor.token, sending: [typing, send])
            _ = try await hers.first("he is there") {
                $0["type"].string == "presence" && $0["state"].string == "online"
            }
            _ = try await hers.first("he writes") { $0["type"].string == "typing" }
            let message = try await hers.first("his words") { $0["type"].string == "message" }
            #expect(message["body"].string == words && message["seq"].int == 1)
            _ = try await his.first("his words are durable") { $0["type"].string == "ack" && $0["seq"].int == 1 }
            _ = try await lan.call("PUT", "/v1/chat/rooms/\(room)/read", #"{"seq":1}"#, status: 204)
            _ = try await his.first("she has read them") { $0["type"].string == "read" && $0["seq"].int == 1 }
        }

        private func expectFigures(of stack: RunningStack) async throws {
            let admin = try await stack.administrator()
            let least = [
                "registrations": 2, "logins": 2, "media_uploaded": 1, "likes": 1, "comments": 1, "messages_sent": 1,
                "seat_locks": 1, "tickets_sold": 2, "revenue": 180_000, "notifications_delivered": 3, "requests": 20,
            ]
            for (metric, value) in least {
                try await eventually("\(metric) is \(value)", within: 30) {
                    let path = "/v1/analytics/metrics/\(metric)?bucket=all"
                    let buckets = try await stack.call("GET", path, token: admin, status: 200)["buckets"].array
                    return buckets.reduce(0) { $0 + ($1["value"].int ?? 0) } >= value
                }
            }
        }
    }
}

extension JSON {
    /// Whether a notification has these words.
    fileprivate func says(_ words: String) -> Bool { self["notification"]["message"].string?.contains(words) == true }
}
