import Contracts
import System
import TestSupport
import Testing

/// Two people of a group of whom one blocks the other: neither sees how far the other has come, that they are there or that
/// they write, by any way; everybody else does.
@Suite(.serialized) struct BlockTests {
    /// A group of lan, who blocks minh, and mai.
    private struct Group {
        let rig: ChatRig
        let chat: ServiceProcess
        let (lan, minh, mai): (ChatRig.Person, ChatRig.Person, ChatRig.Person)
        let room: String

        init(_ type: String = "group") async throws {
            rig = try await ChatRig()
            chat = try await rig.chat(at: rig.place())
            lan = try await rig.person("lan")
            minh = try await rig.person("minh")
            mai = try await rig.person("mai")
            room = try await chat.room(type, of: type == "group" ? [minh, mai] : [minh], by: lan)
            for number in 1...4 { _ = try await chat.say("tin", as: "m\(number)", in: room, by: lan) }
        }

        /// Makes lan block minh, and waits until it is known.
        func block(_ isBlock: Bool = true) async throws {
            if isBlock {
                try await rig.publish(UserBlocked(userID: lan.id, targetID: minh.id, timestamp: .now))
            } else {
                try await rig.publish(UserUnblocked(userID: lan.id, targetID: minh.id, timestamp: .now))
            }
            try await eventually("it is known") {
                let people = try await chat.call("GET", "/presence?user_ids=\(lan.id)", by: minh).json["items"].array
                return people.isEmpty == isBlock
            }
        }

        /// What the room says of somebody's marks: read and delivered.
        func marks(of person: ChatRig.Person, for viewer: ChatRig.Person) async throws -> [JSON] {
            let members = try await chat.call("GET", "/rooms/\(room)", by: viewer).json["members"].array
            let member = try #require(members.first { $0["user_id"].string == person.id.description })
            return [member["read_seq"], member["delivered_seq"]]
        }

        func mark(_ kind: String, _ seq: Int, by person: ChatRig.Person) async throws -> Int {
            try await chat.call("PUT", "/rooms/\(room)/\(kind)", #"{"seq":\#(seq)}"#, by: person).status
        }
    }

    /// The marks of somebody among frames.
    private func marks(_ frames: [JSON], of person: ChatRig.Person) -> [String] {
        frames.filter {
            ["read", "delivered"].contains($0["type"].string) && $0["user_id"].string == person.id.description
        }.map { "\($0["type"].string ?? "") \($0["seq"].int ?? 0)" }
    }

    @Test func `in a group neither of the two sees the other's marks, live, resumed, streamed or asked for`()
        async throws
    {
        let group = try await Group()
        let (chat, lan, minh, mai) = (group.chat, group.lan, group.minh, group.mai)
        // Open before the block: it holds at once.
        let (own, blocked, friend) = (
            try await ChatClient.hello(chat.port, lan), try await ChatClient.hello(chat.port, minh),
            try await ChatClient.hello(chat.port, mai)
        )
        let path = "\(chat.url)/v1/chat/rooms/\(group.room)/stream"
        let streams = try [lan, minh, mai].map { try EventStreamReader(path, token: $0.token, lastEventID: "1") }
        try await eventually("the streams hear") { streams.allSatisfy { $0.events.count >= 4 } }
        try await group.block()
        for (kind, seq) in [("delivered", 1), ("read", 2), ("delivered", 4), ("read", 4)] {
            #expect(try await group.mark(kind, seq, by: minh) == 204)
        }
        _ = try await chat.say("của minh", as: "n", in: group.room, by: minh)
        for kind in ["delivered", "read"] { #expect(try await group.mark(kind, 5, by: lan) == 204) }
        _ = try await chat.say("xong", as: "end", in: group.room, by: mai)
        let later = try await ChatClient.hello(chat.port, lan, resume: [group.room: .number(0)])
        let laterBlocked = try await ChatClient.hello(chat.port, minh, resume: [group.room: .number(0)])
        for client in [own, blocked, friend, later, laterBlocked] {
            _ = try await client.first { $0["client_message_id"].string == "end" }
        }
        try await eventually("the streams have all") {
            streams.allSatisfy { stream in stream.events.contains { $0.data["client_message_id"].string == "end" } }
        }
        for frames in [own.frames, later.frames, streams[0].events.map(\.data)] {
            #expect(marks(frames, of: minh).isEmpty)
            #expect(frames.contains { $0["body"].string == "của minh" }, "messages are heard")
        }
        for frames in [blocked.frames, laterBlocked.frames, streams[1].events.map(\.data)] {
            #expect(marks(frames, of: lan).isEmpty)
            #expect(marks(frames, of: minh) == ["delivered 1", "read 2", "delivered 4", "read 4"])
        }
        for frames in [friend.frames, streams[2].events.map(\.data)] {
            #expect(marks(frames, of: minh).count == 4 && marks(frames, of: lan).last == "read 5")
        }
        #expect(try await group.marks(of: minh, for: lan) == [.null, .null])
        #expect(try await group.marks(of: lan, for: minh) == [.null, .null])
        #expect(try await group.marks(of: minh, for: mai) == [.number(5), .number(5)])
        #expect(try await group.marks(of: minh, for: minh) == [.number(5), .number(5)])
        try await group.block(false)
        #expect(try await group.marks(of: minh, for: lan) == [.number(5), .number(5)])
        #expect(try await group.mark("read", 6, by: minh) == 204)
        try await eventually("marks are heard again") { marks(own.frames, of: minh) == ["read 6"] }
    }

    @Test func `in a room of the two not even a number tells that something was read`() async throws {
        let group = try await Group("direct")
        let (chat, lan, minh) = (group.chat, group.lan, group.minh)
        try await group.block()
        let (own, device) = (try await ChatClient.hello(chat.port, lan), try await ChatClient.hello(chat.port, minh))
        let before = try await chat.call("GET", "/rooms/\(group.room)", by: lan).json["change"].int
        #expect(try await group.mark("read", 3, by: minh) == 204)
        try device.send([
            "type": .string("read"), "ref": .string("r"), "room_id": .string(group.room), "seq": .number(4),
        ])
        _ = try await device.first { $0["type"].string == "ack" }
        #expect(try await chat.call("GET", "/rooms/\(group.room)", by: minh).json["unread_count"].int == 0)
        let room = try await chat.call("GET", "/rooms/\(group.room)", by: lan).json
        #expect(room["change"].int == before && own.frames("read").isEmpty)
        #expect(try await group.marks(of: minh, for: lan) == [.null, .null])
        let listed = try await chat.call("GET", "/rooms", by: lan).json["items"][0]["members"].array
        #expect(listed.first { $0["user_id"].string == minh.id.description }?["read_seq"] == .null)
    }

    @Test func `in a group neither of the two sees that the other is there or writes, and everybody else does`()
        async throws
    {
        let group = try await Group()
        let (chat, lan, minh, mai) = (group.chat, group.lan, group.minh, group.mai)
        try await group.block()
        let friend = try await ChatClient.hello(chat.port, mai)
        let (own, blocked) = (try await ChatClient.hello(chat.port, lan), try await ChatClient.hello(chat.port, minh))
        for client in [own, blocked] { try client.send(["type": .string("typing"), "room_id": .string(group.room)]) }
        let both = Set([lan, minh].map(\.id.description))
        try await eventually("a friend sees both") {
            let there = Set(friend.frames("presence").compactMap { $0["user_id"].string })
            let writing = friend.frames("typing").last?["user_ids"].array.compactMap(\.string) ?? []
            return both.isSubset(of: there) && Set(writing) == both
        }
        for (client, other) in [(own, minh), (blocked, lan)] {
            #expect(!client.frames("presence").contains { $0["user_id"].string == other.id.description })
            let names = client.frames("typing").flatMap { $0["user_ids"].array.compactMap(\.string) }
            #expect(!names.contains(other.id.description))
        }
        for (viewer, other) in [(lan, minh), (minh, lan)] {
            let asked = try await chat.call("GET", "/presence?user_ids=\(other.id),\(mai.id)", by: viewer).json
            #expect(asked["items"].array.map { $0["user_id"].string } == [mai.id.description])
        }
    }
}
