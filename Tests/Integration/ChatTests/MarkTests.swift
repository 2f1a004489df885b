import Contracts
import System
import TestSupport
import Testing

/// How far messages have come: mentions that were not read, and what has reached devices.
@Suite(.serialized) struct MarkTests {
    private func room(_ room: String, for person: ChatRig.Person, at chat: ServiceProcess) async throws -> JSON {
        let rooms = try await chat.call("GET", "/rooms", by: person).json["items"].array
        return try #require(rooms.first { $0["id"].string == room })
    }

    private func delivered(
        to user: ChatRig.Person,
        in room: String,
        for viewer: ChatRig.Person,
        at chat: ServiceProcess
    ) async throws -> Int? {
        let members = try await chat.call("GET", "/rooms/\(room)", by: viewer).json["members"].array
        return members.first { $0["user_id"].string == user.id.description }?["delivered_seq"].int
    }

    @Test func `unread messages that name somebody are counted at every process and after a restart`() async throws {
        let rig = try await ChatRig()
        let (here, there) = (try rig.place(), try rig.place())
        let (one, two) = (try await rig.chat(at: here), try await rig.chat(at: there))
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh.le"))
        let id = try await one.room(of: [minh], by: lan)
        for (number, body) in ["Chào @minh.le.", "không ai", "@lan và @Minh.Le"].enumerated() {
            _ = try await one.say(body, as: "m\(number)", in: id, by: lan)
        }
        #expect(try await one.call("PATCH", "/rooms/\(id)/messages/2", #"{"body":"@minh.le"}"#, by: lan).status == 200)
        #expect(try await room(id, for: lan, at: one)["unread_mention_count"].int == 0)
        try await eventually("the other process counts too") {
            try await room(id, for: minh, at: two)["unread_mention_count"].int == 3
        }
        try await two.kill()
        let again = try await rig.chat(at: there)
        #expect(try await room(id, for: minh, at: again)["unread_mention_count"].int == 3)
        // The new text came behind the last message: who has read the second has not seen what it says now.
        #expect(try await again.call("PUT", "/rooms/\(id)/read", #"{"seq":2}"#, by: minh).status == 204)
        #expect(try await room(id, for: minh, at: again)["unread_mention_count"].int == 2)
        #expect(try await again.call("PUT", "/rooms/\(id)/read", #"{"seq":3}"#, by: minh).status == 204)
        #expect(try await room(id, for: minh, at: again)["unread_mention_count"].int == 0)
    }

    /// Makes of the file of a process that has stopped what the schema before mentions left: the third.
    private func makeOld(_ place: ChatRig.Place) async throws {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1], isolation_level=None)
            for text in ["DROP TABLE mentions", "ALTER TABLE members DROP COLUMN read_change",
                         "ALTER TABLE members DROP COLUMN delivered_seq", "PRAGMA user_version = 3"]: base.execute(text)
            """
        let result = try await Command.python(program, [place.data.appending("chat/chat.sqlite")])
        try #require(result.status.isSuccess, "\(result.output)")
    }

    @Test func `a file of before mentions were kept counts the same as one of a process that always did`() async throws
    {
        let rig = try await ChatRig()
        let (old, new) = (try rig.place(), try rig.place())
        let chat = try await rig.chat(at: old)
        let (lan, minh, mai) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("mai"))
        let id = try await chat.room(of: [minh, mai], by: lan)
        for number in 1...6 { _ = try await chat.say("@minh @mai \(number)", as: "m\(number)", in: id, by: lan) }
        let path = "/rooms/\(id)"
        #expect(try await chat.call("PUT", "\(path)/read", #"{"seq":2}"#, by: minh).status == 204)
        #expect(try await chat.call("PUT", "\(path)/read", #"{"seq":3,"private":true}"#, by: mai).status == 204)
        // Read without a name, named by a new text, and by another after that.
        _ = try await chat.say("không ai", as: "m7", in: id, by: lan)
        #expect(try await chat.call("PUT", "\(path)/read", #"{"seq":7}"#, by: mai).status == 204)
        for body in ["@mai", "@mai và @minh"] {
            let edit = try JSON.object(["body": .string(body)]).text()
            #expect(try await chat.call("PATCH", "\(path)/messages/7", edit, by: lan).status == 200)
        }
        #expect(try await chat.call("DELETE", "\(path)/messages/4", by: lan).status == 204)
        _ = try await chat.stop()
        try await makeOld(old)

        let (again, fresh) = (try await rig.chat(at: old), try await rig.chat(at: new))
        for (person, count) in [(minh, 4), (mai, 1), (lan, 0)] {
            for process in [again, fresh] {
                let own = try await room(id, for: person, at: process)
                #expect(own["unread_mention_count"].int == count, "\(person.handle)")
            }
        }
        let expected = try await rig.tables(of: new)
        #expect(try await rig.tables(of: old) == expected && expected.contains("mentions"))
        let found = try await again.call("GET", "/search?q=kh%C3%B4ng", by: minh).json["items"].array
        #expect(found.isEmpty, "the index of texts was made anew, too")
        #expect(try await again.call("GET", "/search?q=minh", by: mai).json["items"].array.count == 6)
        #expect(try await again.say("@mai", as: "m8", in: id, by: lan)["seq"].int == 8)
    }

    @Test func `what has reached a device is told to the others once, by sockets and streams`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh, eve) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("eve"))
        let id = try await chat.room("direct", of: [minh], by: lan)
        for number in 1...5 { _ = try await chat.say("tin", as: "m\(number)", in: id, by: lan) }
        let (own, device) = (try await ChatClient.hello(chat.port, lan), try await ChatClient.hello(chat.port, minh))
        func mark(_ seq: Double, _ ref: String? = nil) throws {
            var frame: [String: JSON] = [
                "type": .string("delivered"), "room_id": .string(id), "seq": .number(seq),
            ]
            frame["ref"] = ref.map(JSON.string)
            try device.send(frame)
        }
        for seq in [1.0, 2, 3, 2] { try mark(seq) }
        let told = try await own.first { $0["type"].string == "delivered" }
        #expect(told["seq"].int == 3 && told["user_id"].string == minh.id.description, "one for all of a second")
        #expect(told["delivered_at"].string != nil)
        #expect(try await delivered(to: minh, in: id, for: lan, at: chat) == 3)
        try mark(4, "stored?")
        _ = try await device.first { $0["type"].string == "ack" && $0["ref"].string == "stored?" }
        #expect(try await delivered(to: minh, in: id, for: lan, at: chat) == 4)
        let path = "/rooms/\(id)/delivered"
        #expect(try await chat.call("PUT", path, #"{"seq":2}"#, by: minh).status == 204)
        #expect(try await chat.call("PUT", path, #"{"seq":5}"#, by: minh).status == 204)
        try await eventually("the last is told") { own.frames("delivered").map { $0["seq"].int } == [3, 4, 5] }
        #expect(try await delivered(to: minh, in: id, for: lan, at: chat) == 5)
        let resumed = try await ChatClient.hello(chat.port, lan, resume: [id: .number(0)])
        _ = try await resumed.first { $0["type"].string == "resumed" }
        #expect(resumed.frames("delivered").count == 3, "and to who was away")
        for client in [own, device, resumed] { try await client.expectFramesAsDescribed() }
        for (body, person, status) in [
            (#"{"seq":0}"#, minh, 422), (#"{"seq":"1"}"#, minh, 422), (#"{"seq":1,"private":true}"#, minh, 422),
            (#"{"seq":1}"#, eve, 404), ("{", minh, 400),
        ] {
            #expect(try await chat.call("PUT", path, body, by: person).status == status, "\(body)")
        }
    }

    @Test func `between people of whom one blocks the other nothing is told as delivered`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let id = try await chat.room("direct", of: [minh], by: lan)
        _ = try await chat.say("tin", as: "m1", in: id, by: lan)
        let device = try await ChatClient.hello(chat.port, minh)
        try await rig.publish(UserBlocked(userID: minh.id, targetID: lan.id, timestamp: .now))
        try await eventually("the block is known") {
            let answer = try await chat.call("PUT", "/rooms/\(id)/delivered", #"{"seq":1}"#, by: minh)
            return answer.status == 403 && answer.json["code"].string == "messages_refused"
        }
        try device.send(["type": .string("delivered"), "room_id": .string(id), "seq": .number(1)])
        _ = try await device.first { $0["code"].string == "messages_refused" }
        #expect(device.frames("delivered").isEmpty)
        #expect(try await chat.call("GET", "/rooms/\(id)", by: lan).json["change"].int == 2)
    }
}
