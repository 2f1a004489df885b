import Contracts
import EventBus
import HTTPCore
import System
import TestSupport
import Testing

/// Who is kept out, and how a socket ends.
@Suite(.serialized) struct FenceTests {
    @Test func `a stranger gets nothing of a room by any way`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh, eve) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("eve"))
        let room = try await chat.room(of: [minh], by: lan)
        _ = try await chat.say("bí mật", as: "m1", in: room, by: lan)
        let calls: [(String, String, String?)] = [
            ("GET", "", nil), ("PATCH", "", #"{"title":"x"}"#), ("PUT", "/members/\(eve.id)", nil),
            ("DELETE", "/members/\(minh.id)", nil), ("PUT", "/mute", nil), ("DELETE", "/mute", nil),
            ("PUT", "/messages/e1", #"{"body":"x"}"#), ("GET", "/messages", nil), ("GET", "/messages/1", nil),
            ("PATCH", "/messages/1", #"{"body":"x"}"#), ("DELETE", "/messages/1", nil), ("PUT", "/read", #"{"seq":1}"#),
            ("PUT", "/delivered", #"{"seq":1}"#), ("GET", "/stream", nil),
        ]
        for (method, path, body) in calls {
            let answer = try await chat.call(method, "/rooms/\(room)\(path)", body, by: eve)
            #expect(
                answer.status == 404 && answer.json["code"].string == "not_found",
                "\(method) \(path): \(answer.body)"
            )
            #expect(try await chat.call(method, "/rooms/\(room)\(path)", body).status == 401)
        }
        #expect(try await chat.call("GET", "/search?q=m%E1%BA%ADt", by: eve).json["items"].array.isEmpty)
        #expect(try await chat.call("GET", "/search?q=m%E1%BA%ADt", by: minh).json["items"].array.count == 1)
        let socket = try await ChatClient.hello(chat.port, eve, resume: [room: .number(0)])
        try socket.say("x", as: "e2", in: room)
        for type in ["edit", "delete", "read", "delivered", "typing"] {
            try socket.send([
                "type": .string(type), "ref": .string(type), "room_id": .string(room), "seq": .number(1),
                "body": .string("x"),
            ])
        }
        try socket.send(["type": .string("ping"), "ref": .string("end")])
        _ = try await socket.first { $0["type"].string == "pong" }
        #expect(socket.frames("error").map { $0["code"].string } == Array(repeating: "not_found", count: 7))
        #expect(Set(socket.frames.compactMap { $0["type"].string }) == ["ready", "error", "pong"])
        // What came into the log all the same is refused by every process when it is read.
        try await rig.publish(
            ChatMessageSent(
                messageID: .version7(at: .now),
                roomID: try #require(Identifier(room)),
                authorID: eve.id,
                clientMessageID: "e3",
                body: "x",
                timestamp: .now
            )
        )
        #expect(try await chat.say("ổn", as: "m2", in: room, by: minh)["seq"].int == 2)
    }

    @Test func `who leaves hears no more, and who comes hears from then on`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh, mai) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("mai"))
        let room = try await chat.room(of: [minh], by: lan)
        let (left, came) = (
            try await ChatClient.hello(chat.port, minh), try await ChatClient.hello(chat.port, mai)
        )
        #expect(try await chat.call("PUT", "/rooms/\(room)/members/\(mai.id)", by: minh).status == 403)
        #expect(try await chat.call("PUT", "/rooms/\(room)/members/\(mai.id)", by: lan).status == 204)
        #expect(try await chat.call("DELETE", "/rooms/\(room)/members/\(lan.id)", by: minh).status == 403)
        #expect(try await chat.call("DELETE", "/rooms/\(room)/members/\(minh.id)", by: lan).status == 204)
        _ = try await chat.say("sau", as: "m1", in: room, by: lan)
        _ = try await came.first { $0["type"].string == "message" }
        #expect(came.frames("joined").first?["user_id"].string == "\(mai.id)")
        try left.send(["type": .string("ping")])
        _ = try await left.first { $0["type"].string == "pong" }
        #expect(left.frames("message").isEmpty && left.frames("left").count == 1)
        try left.say("x", as: "m2", in: room)
        _ = try await left.first { $0["code"].string == "not_found" }
        // The group passes on when its owner goes.
        #expect(try await chat.call("DELETE", "/rooms/\(room)/members/\(lan.id)", by: lan).status == 204)
        #expect(try await chat.call("GET", "/rooms/\(room)", by: mai).json["role"].string == "owner")
        for client in [left, came] { try await client.expectFramesAsDescribed() }
        let title = try await chat.call("PATCH", "/rooms/\(room)", #"{"title":"Nhóm mới"}"#, by: mai)
        #expect(title.status == 200 && title.json["title"].string == "Nhóm mới")
    }

    @Test func `a block ends what two people write to each other, on open sockets too`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room("direct", of: [minh], by: lan)
        let socket = try await ChatClient.hello(chat.port, lan)
        try socket.say("chào", as: "m1", in: room)
        _ = try await socket.first { $0["type"].string == "ack" }
        try await rig.publish(UserBlocked(userID: minh.id, targetID: lan.id, timestamp: .now))
        try await eventually("a message by HTTP is refused") {
            let answer = try await chat.call("PUT", "/rooms/\(room)/messages/h", #"{"body":"?"}"#, by: lan)
            return answer.json["code"].string == "messages_refused"
        }
        try socket.say("nghe không", as: "m2", in: room)
        _ = try await socket.first { $0["code"].string == "messages_refused" }
        try await rig.publish(UserUnblocked(userID: minh.id, targetID: lan.id, timestamp: .now))
        try await eventually("a message is taken again") {
            try socket.say("lại", as: "m3", in: room)
            return socket.frames("ack").contains { $0["client_message_id"].string == "m3" }
        }
        try await rig.publish(UserBanned(userID: lan.id, reason: "spam", timestamp: .now))
        try await eventually("who is banned writes nothing") {
            let answer = try await chat.call("PUT", "/rooms/\(room)/messages/b", #"{"body":"?"}"#, by: lan)
            return answer.json["code"].string == "user_banned"
        }
    }

    @Test func `a socket ends with 4401 when its session is revoked, and strange pages get none`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place(), environment: ["CHAT_FRAMES_PER_MINUTE": "30"])
        let lan = try await rig.person("lan")
        let socket = try await ChatClient(chat.port, token: lan.token)
        _ = try await socket.first { $0["type"].string == "ready" }
        for number in 1...40 { try socket.send(["type": .string("ping"), "ref": .string("\(number)")]) }
        _ = try await socket.first { $0["code"].string == "rate_limited" && $0["retry_after_ms"].int ?? 0 > 0 }
        #expect(socket.frames("pong").count == 30)
        try await rig.publish(
            SessionRevoked(userID: lan.id, sessionID: lan.session, notBefore: .now, reason: "logout")
        )
        #expect(try await socket.closeCode() == 4401)
        let later = try await ChatClient(chat.port, token: lan.token)
        #expect(later.frames.isEmpty)
        let nobody = try await ChatClient(chat.port)
        try nobody.send(["type": .string("hello"), "access_token": .string("x")])
        #expect(try await nobody.closeCode() == 4401)
        let handshake = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://evil.example",
        ]
        let refused = try await chat.call("GET", "/ws", headers: handshake)
        #expect(refused.status == 403 && refused.json["code"].string == "origin_refused")
    }

    @Test func `a person has so many sockets and streams, and another when one of them ends`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place(), environment: ["CHAT_SOCKETS_PER_USER": "2"])
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room(of: [minh], by: lan)
        let path = "\(chat.url)/v1/chat/rooms/\(room)/stream"
        let stream = try EventStreamReader(path, token: lan.token, lastEventID: "0")
        try await eventually("the stream is one") { !stream.events.isEmpty }
        let socket = try await ChatClient.hello(chat.port, lan)
        let third = try await ChatClient(chat.port, token: lan.token)
        #expect(try await third.closeCode() == 1013)
        let other = try EventStreamReader(path, token: lan.token, lastEventID: "0")
        try await eventually("a stream too many ends") { try other.hasEnded }
        #expect(other.events.isEmpty)
        _ = try await ChatClient.hello(chat.port, minh)
        socket.close()
        _ = try await socket.closeCode()
        try await eventually("there is place again") {
            let again = try await ChatClient(chat.port, token: lan.token)
            defer { again.close() }
            return try await eventually("an answer", within: 5) {
                again.frames.contains { $0["type"].string == "ready" } ? true : nil
            }
        }
    }

    @Test func `a socket lives as long as its token, and a fresh one of the same person prolongs it`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let short = try rig.mint.token(for: lan.id, session: lan.session, lifetime: 3)
        let (renewed, stranger, left) = (
            try await ChatClient(chat.port, token: short), try await ChatClient(chat.port, token: short),
            try await ChatClient(chat.port, token: short)
        )
        for socket in [renewed, stranger, left] { _ = try await socket.first { $0["type"].string == "ready" } }
        try stranger.send(["type": .string("auth"), "access_token": .string(minh.token)])
        try renewed.send(["type": .string("auth"), "access_token": .string(lan.token)])
        #expect(try await stranger.closeCode() == 4401, "another's token renews nothing")
        #expect(try await left.closeCode() == 4401, "the token has expired")
        try renewed.send(["type": .string("ping"), "ref": .string("still here")])
        _ = try await renewed.first { $0["type"].string == "pong" }
        #expect(renewed.frames("ready").count == 2)
        #expect(try await chat.call("GET", "/rooms", by: lan).status == 200)
    }

    @Test func `frames that are wrong are named by code, and the socket goes on`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let lan = try await rig.person("lan")
        let minh = try await rig.person("minh")
        let room = try await chat.room(of: [minh], by: lan)
        let socket = try await ChatClient.hello(chat.port, lan)
        let wrong: [([String: JSON], String)] = [
            (["type": .string("dance")], "invalid_request"),
            (["type": .string("send"), "room_id": .string(room), "loud": .bool(true)], "unknown_field"),
            (["type": .string("send"), "room_id": .string(room), "body": .string("x")], "invalid_request"),
            (["type": .string("read"), "room_id": .string(room), "seq": .number(0)], "invalid_request"),
            (
                ["type": .string("edit"), "room_id": .string(room), "seq": .number(9), "body": .string("x")],
                "not_found"
            ),
        ]
        for (number, (frame, code)) in wrong.enumerated() {
            try socket.send(frame)
            try await eventually("\(code) is told") { socket.frames("error").count == number + 1 }
            #expect(socket.frames("error").last?["code"].string == code, "\(frame)")
        }
        let long = String(repeating: "a", count: 4001)
        try socket.say(long, as: "long", in: room)
        _ = try await socket.first { $0["client_message_id"].string == "long" && $0["type"].string == "error" }
        try socket.say("vừa", as: "m1", in: room)
        _ = try await socket.first { $0["type"].string == "ack" && $0["seq"].int == 1 }
        try await socket.expectFramesAsDescribed()
    }
}
