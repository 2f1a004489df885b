import Contracts
import System
import TestSupport
import Testing

/// What somebody reads on one device, on their others.
@Suite(.serialized) struct DeviceTests {
    private func counts(_ frame: JSON) -> [Int?] {
        ["read_seq", "unread_count", "unread_mention_count", "seq"].map { frame[$0].int }
    }

    private func counts(_ frames: [JSON], in room: String) -> [Int?]? {
        frames.last { $0["type"].string == "unread" && $0["room_id"].string == room }.map(counts)
    }

    @Test
    func `what is read on one device is known to all others, at each process, in private too, and to nobody else`()
        async throws
    {
        let rig = try await ChatRig()
        let (one, two) = (try await rig.chat(at: try rig.place()), try await rig.chat(at: try rig.place()))
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await one.room(of: [minh], by: lan)
        for number in 1...5 { _ = try await one.say("@minh \(number)", as: "m\(number)", in: room, by: lan) }
        try await eventually("the other process has them") {
            try await two.call("GET", "/rooms/\(room)", by: minh).json["seq"].int == 5
        }
        let path = "/rooms/\(room)/read"
        let (phone, tablet, desk) = (
            try await ChatClient.hello(one.port, minh), try await ChatClient.hello(one.port, minh),
            try await ChatClient.hello(two.port, minh)
        )
        let other = try await ChatClient.hello(one.port, lan)
        let stream = try EventStreamReader("\(two.url)/v1/chat/rooms/\(room)/stream", token: minh.token)
        try await eventually("the stream hears") {
            // What is read already counts as told once more: nothing is, so a first mark is tried until it comes.
            _ = try await one.call("PUT", path, #"{"seq":1,"private":true}"#, by: minh)
            _ = try await one.call("PUT", "/rooms/\(room)/messages/s", #"{"body":"x"}"#, by: lan)
            return stream.events.contains { $0.id != nil }
        }
        try phone.send(["type": .string("read"), "room_id": .string(room), "seq": .number(3), "private": .bool(true)])
        for device in [phone, tablet, desk] {
            try await eventually("a socket follows") { counts(device.frames, in: room) == [3, 3, 2, 6] }
        }
        try await eventually("the stream follows") { counts(stream.events.map(\.data), in: room) == [3, 3, 2, 6] }
        #expect(stream.events.filter { $0.data["type"].string == "unread" }.allSatisfy { $0.id == nil })
        #expect(try await two.call("PUT", path, #"{"seq":6}"#, by: minh).status == 204)
        for device in [phone, tablet, desk] {
            try await eventually("a socket follows") { counts(device.frames, in: room) == [6, 0, 0, 6] }
        }
        try await eventually("the other is told what is for all") { other.frames("read").last?["seq"].int == 6 }
        #expect(other.frames("read").count == 1 && other.frames("unread").isEmpty)
        for client in [phone, desk, other] { try await client.expectFramesAsDescribed() }
    }

    @Test func `what is read in quick succession is told to the other devices once, as far as it goes`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let (room, quiet) = (try await chat.room(of: [minh], by: lan), try await chat.room(of: [minh], by: lan))
        for number in 1...50 { _ = try await chat.say("tin", as: "m\(number)", in: room, by: lan) }
        _ = try await chat.say("@minh", as: "q", in: quiet, by: lan)
        let (phone, desk) = (try await ChatClient.hello(chat.port, minh), try await ChatClient.hello(chat.port, minh))
        for seq in 1...50 {
            try phone.send(["type": .string("read"), "room_id": .string(room), "seq": .number(Double(seq))])
        }
        try await eventually("the last is told") { counts(desk.frames, in: room) == [50, 0, 0, 50] }
        #expect(desk.frames("unread").count < 10, "\(desk.frames("unread").count) for 50")
        #expect(!desk.frames("unread").contains { $0["room_id"].string == quiet })

        desk.close()
        _ = try await chat.call("PUT", "/rooms/\(quiet)/read", #"{"seq":1,"private":true}"#, by: minh)
        let again = try await ChatClient.hello(chat.port, minh, resume: [quiet: .number(0), room: .number(50)])
        try await eventually("it is brought up to date") { again.frames("resumed").count == 2 }
        let told = again.frames("resumed").first { $0["room_id"].string == quiet }
        #expect(told?["read_seq"].int == 1 && told?["unread_count"].int == 0 && told?["unread_mention_count"].int == 0)
        try await again.expectFramesAsDescribed()
    }
}
