import Contracts
import System
import TestSupport
import Testing

/// Messages by HTTP and by sockets, on one process and on two.
@Suite(.serialized) struct RoomTests {
    @Test func `messages are numbered without gaps, once each, and reach every member`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh, mai) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("mai"))
        let room = try await chat.room(of: [minh, mai], by: lan)
        let (first, second) = (
            try await ChatClient.hello(chat.port, minh), try await ChatClient(chat.port, token: mai.token)
        )
        _ = try await second.first { $0["type"].string == "ready" }
        #expect(try await chat.say("Chào cả nhà", as: "a-1", in: room, by: lan)["seq"].int == 1)
        let again = try await chat.call("PUT", "/rooms/\(room)/messages/a-1", #"{"body":"khác"}"#, by: lan)
        #expect(again.status == 200 && again.json["seq"].int == 1 && again.json["body"].string == "Chào cả nhà")
        for number in 2...20 { try first.say("tin \(number)", as: "b-\(number)", in: room) }
        try first.say("tin 20 \"lại\"", as: "b-20", in: room)
        try await eventually("all are acknowledged") { first.frames("ack").count == 20 }
        #expect(first.frames("ack").map { $0["seq"].int } == Array(2...20) + [20])
        #expect(first.frames("ack").last?["repeated"].bool == true)
        for client in [first, second] {
            try await eventually("all have come") { client.frames("message").count == 20 }
            #expect(client.frames("message").map { $0["seq"].int } == Array(1...20))
            let changes = client.frames.compactMap { $0["type"].string == "message" ? $0["change"].int : nil }
            #expect(changes == Array(2...21))
        }
        let history = try await chat.call("GET", "/rooms/\(room)/messages?before_seq=4&limit=2", by: mai).json
        #expect(history["items"].array.map { $0["seq"].int } == [2, 3] && history["has_more"].bool == true)
        let after = try await chat.call("GET", "/rooms/\(room)/messages?after_seq=18", by: mai).json
        #expect(after["items"].array.map { $0["body"].string } == ["tin 19", "tin 20"])
        let view = try await chat.call("GET", "/rooms/\(room)", by: lan).json
        #expect(view["unread_count"].int == 19 && view["member_count"].int == 3)
    }

    @Test func `two processes serve one room, and a third without a file has the same tables`() async throws {
        let rig = try await ChatRig()
        let (here, there) = (try rig.place(), try rig.place())
        let (one, two) = (try await rig.chat(at: here), try await rig.chat(at: there))
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await one.room("direct", of: [minh], by: lan)
        let same = try await eventually("the other process knows the pair") {
            let answer = try await two.call(
                "POST",
                "/rooms",
                #"{"type":"direct","member_ids":["\#(lan.id)"]}"#,
                by: minh
            )
            return answer.status == 200 ? answer.json["id"].string : nil
        }
        #expect(same == room)
        let (left, right) = (
            try await ChatClient.hello(one.port, lan), try await ChatClient.hello(two.port, minh)
        )
        for number in 1...25 {
            try left.say("l\(number)", as: "l\(number)", in: room)
            try right.say("r\(number)", as: "r\(number)", in: room)
        }
        for client in [left, right] {
            try await eventually("all have come") { client.frames("message").count == 50 }
            #expect(client.frames("message").map { $0["seq"].int } == Array(1...50))
        }
        let bodies = left.frames("message").map { $0["body"].string }
        #expect(bodies == right.frames("message").map { $0["body"].string })
        #expect(bodies.compactMap(\.self).filter { $0.hasPrefix("l") } == (1...25).map { "l\($0)" })
        // Who wrote the last one has read it.
        let (reader, writer) = bodies.last == "r25" ? (left, right) : (right, left)
        try reader.send(["type": .string("read"), "room_id": .string(room), "seq": .number(50)])
        _ = try await writer.first { $0["type"].string == "read" && $0["seq"].int == 50 }
        let own = left.frames("message").filter { $0["author_id"].string == lan.id.description }
            .compactMap { $0["seq"].int }
        let (first, next) = ("/rooms/\(room)/messages/\(own[0])", "/rooms/\(room)/messages/\(own[1])")
        #expect(try await one.call("PATCH", first, #"{"body":"sửa"}"#, by: lan).status == 200)
        #expect(try await one.call("DELETE", next, by: lan).status == 204)
        _ = try await right.first { $0["type"].string == "deleted" }
        let third = try rig.place()
        let rebuilt = try await rig.chat(at: third)
        let expected = try await rig.tables(of: here)
        #expect(expected.contains("messages") && expected.contains("changes"))
        for place in [there, third] {
            try await eventually("the tables are the same") { try await rig.tables(of: place) == expected }
        }
        withExtendedLifetime(rebuilt) {}
    }

    @Test func `a write says where it is, and a read that names the place sees it at another process`() async throws {
        let rig = try await ChatRig()
        let (one, two) = (try await rig.chat(at: try rig.place()), try await rig.chat(at: try rig.place()))
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await one.room("direct", of: [minh], by: lan)
        for number in 1...20 {
            let path = "/rooms/\(room)/messages/m\(number)"
            let sent = try await one.call("PUT", path, #"{"body":"chào"}"#, by: lan)
            let position = try #require(sent.headers["event-position"])
            let there = ["Min-Position": position]
            let read = try await two.call(
                "GET",
                "/rooms/\(room)/messages?after_seq=\(number - 1)",
                by: minh,
                headers: there
            )
            try #require(read.status == 200 && read.json["items"].array.count == 1, "\(read.status) \(read.body)")
            let again = try await one.call("PUT", path, #"{"body":"chào"}"#, by: lan)
            #expect(again.status == 200 && again.headers["event-position"] != nil)
        }
        let refused = try await one.call("PATCH", "/rooms/\(room)/messages/1", #"{"body":"x"}"#, by: minh)
        #expect(refused.status == 403 && refused.headers["event-position"] != nil, "it is in the log as well")
    }

    @Test func `who was away is brought up to date, with edits, deletions and receipts, after a crash too`()
        async throws
    {
        let rig = try await ChatRig()
        let place = try rig.place()
        var chat = try await rig.chat(at: place)
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room(of: [minh], by: lan)
        for number in 1...3 { _ = try await chat.say("tin \(number)", as: "m\(number)", in: room, by: lan) }
        let before = try await ChatClient.hello(chat.port, minh, resume: [room: .number(0)])
        let resumed = try await before.first { $0["type"].string == "resumed" }
        #expect(resumed["from_seq"].int == 0 && resumed["to_seq"].int == 3)
        #expect(before.frames("message").map { $0["seq"].int } == [1, 2, 3])
        try await chat.kill()
        _ = try await before.closeCode()

        chat = try await rig.chat(at: place)
        #expect(try await chat.call("PATCH", "/rooms/\(room)/messages/1", #"{"body":"sửa"}"#, by: lan).status == 200)
        #expect(try await chat.call("DELETE", "/rooms/\(room)/messages/2", by: lan).status == 204)
        #expect(try await chat.say("tin 4", as: "m4", in: room, by: lan)["seq"].int == 4)
        #expect(try await chat.call("PUT", "/rooms/\(room)/read", #"{"seq":3}"#, by: minh).status == 204)
        try await chat.kill()

        chat = try await rig.chat(at: place)
        let seen = before.frames("message").compactMap { $0["change"].int }.max() ?? 0
        for place in [JSON.number(3), .object(["change": .number(Double(seen))])] {
            let after = try await ChatClient.hello(chat.port, minh, resume: [room: place])
            let end = try await after.first { $0["type"].string == "resumed" }
            #expect(end["from_change"].int == seen && end["to_seq"].int == 4)
            let told = after.frames.filter { $0["change"].int != nil }
            #expect(told.map { $0["type"].string } == ["edited", "deleted", "message", "read"])
            #expect(told.map { $0["change"].int } == Array(seen + 1...seen + 4))
            #expect(told[0]["body"].string == "sửa" && told[2]["body"].string == "tin 4")
            try await after.expectFramesAsDescribed()
            after.close()
        }
    }
}
