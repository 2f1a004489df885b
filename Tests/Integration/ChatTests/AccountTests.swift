import Contracts
import System
import TestSupport
import Testing

/// People behind rooms: cards, unread messages, streams, and what is left of an account that is gone.
@Suite(.serialized) struct AccountTests {
    @Test func `an account that is gone leaves no text and no id in any process, and its messages keep their numbers`()
        async throws
    {
        let rig = try await ChatRig()
        let (here, there) = (try rig.place(), try rig.place())
        let (one, two) = (try await rig.chat(at: here), try await rig.chat(at: there))
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let group = try await one.room(of: [minh], by: lan)
        let direct = try await one.room("direct", of: [minh], by: lan)
        for room in [group, direct] {
            _ = try await one.say("bí mật của Lan", as: "m1", in: room, by: lan)
            _ = try await one.say("chào", as: "m2", in: room, by: minh)
        }
        let socket = try await ChatClient.hello(two.port, minh)
        let erasure = Identifier.version7(at: .now)
        try await rig.publish(UserDeleted(userID: lan.id, erasureID: erasure, timestamp: .now))
        try await eventually("the other hears of it, in both rooms") {
            socket.frames("left").count { $0["reason"].string == "erased" } == 2
        }
        for place in [here, there] {
            try await eventually("nothing is left") {
                let tables = try await rig.tables(of: place)
                let hex = lan.id.description.filter { $0 != "-" }
                let rows = tables.split(separator: "\n").filter { !$0.hasPrefix("erased_users") }
                let bytes = try await rig.holds(lan.id, at: place)
                return !rows.contains { $0.contains("bí mật") || $0.contains(hex) } && !bytes
            }
        }
        let history = try await two.call("GET", "/rooms/\(group)/messages", by: minh).json["items"].array
        #expect(history.map { $0["body"].string } == [nil, "chào"] && history[0]["author_id"] == .null)
        #expect(try await two.call("GET", "/rooms/\(group)", by: minh).json["role"].string == "owner")
        #expect(try await two.call("GET", "/search?q=Lan", by: minh).json["items"].array.isEmpty)
        let receipts = try await rig.receipts(of: erasure)
        #expect(Set(receipts).count == 1 && !receipts.isEmpty, "one id, however many processes say so")
        let third = try rig.place()
        let rebuilt = try await rig.chat(at: third)
        let expected = try await rig.tables(of: here)
        try await eventually("a new process comes to the same") { try await rig.tables(of: third) == expected }
        withExtendedLifetime(rebuilt) {}
    }

    @Test func `unread messages are counted, rooms are muted, texts are found without accents`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room(of: [minh], by: lan)
        for number in 1...5 { _ = try await chat.say("Vé số \(number)", as: "m\(number)", in: room, by: lan) }
        func own() async throws -> JSON {
            try await chat.call("GET", "/rooms", by: minh).json["items"][0]
        }
        #expect(try await own()["unread_count"].int == 5)
        #expect(try await chat.call("PUT", "/rooms/\(room)/read", #"{"seq":3}"#, by: minh).status == 204)
        #expect(try await chat.call("PUT", "/rooms/\(room)/read", #"{"seq":2}"#, by: minh).status == 204)
        #expect(try await own()["unread_count"].int == 2)
        #expect(try await chat.call("PUT", "/rooms/\(room)/mute", by: minh).status == 204)
        #expect(try await own()["is_muted"].bool == true)
        #expect(try await chat.call("DELETE", "/rooms/\(room)/mute", by: minh).status == 204)
        #expect(try await own()["is_muted"].bool == false)
        let found = try await chat.call("GET", "/search?q=ve+so&limit=2", by: minh).json
        #expect(found["items"].array.map { $0["seq"].int } == [5, 4])
        let cursor = try #require(found["next_cursor"].string)
        let more = try await chat.call("GET", "/search?q=ve+so&limit=2&cursor=\(cursor)", by: minh).json
        #expect(more["items"].array.map { $0["seq"].int } == [3, 2])
        #expect(try await chat.call("PATCH", "/rooms/\(room)/messages/5", #"{"body":"phim"}"#, by: lan).status == 200)
        let edited = try await chat.call("GET", "/search?q=phim", by: minh).json["items"].array
        #expect(edited.map { $0["seq"].int } == [5] && edited[0]["edited_at"].string != nil)
        #expect(try await chat.call("PATCH", "/rooms/\(room)/messages/4", #"{"body":"x"}"#, by: minh).status == 403)
        #expect(try await chat.call("DELETE", "/rooms/\(room)/messages/5", by: lan).status == 204)
        let gone = try await chat.call("PATCH", "/rooms/\(room)/messages/5", #"{"body":"x"}"#, by: lan)
        #expect(gone.status == 409 && gone.json["code"].string == "message_deleted")
        let cards = try await chat.call("GET", "/contacts", by: lan).json["items"].array
        #expect(Set(cards.compactMap { $0["handle"].string }) == ["lan", "minh"])
        let card = try await chat.call("GET", "/contacts?handle=minh", by: lan).json["items"][0]
        #expect(card["user_id"].string == "\(minh.id)" && card["display_name"].string == "Person minh")
    }

    @Test func `what is read in private counts for the reader and is told to nobody`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: try rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room("direct", of: [minh], by: lan)
        for name in ["m1", "m2"] { _ = try await chat.say("chào", as: name, in: room, by: lan) }
        let socket = try await ChatClient.hello(chat.port, lan)
        let path = "/rooms/\(room)"
        let mark = #"{"seq":1,"private":true}"#
        #expect(try await chat.call("PUT", "\(path)/read", mark, by: minh).status == 204)
        let own = try await chat.call("GET", path, by: minh).json
        #expect(own["unread_count"].int == 1 && own["read_seq"].int == 1)
        func shown() async throws -> Int? {
            let members = try await chat.call("GET", path, by: lan).json["members"].array
            return members.first { $0["user_id"].string == minh.id.description }?["read_seq"].int
        }
        #expect(try await shown() == 0)
        #expect(try await chat.call("PUT", "\(path)/read", #"{"seq":2}"#, by: minh).status == 204)
        let told = try await socket.first { $0["type"].string == "read" }
        #expect(told["seq"].int == 2, "the first that is told is the second")
        #expect(try await shown() == 2)
        #expect(try await chat.call("GET", path, by: minh).json["unread_count"].int == 0)
    }

    @Test func `a group under an idempotency key is made once, and one with a stranger not at all`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let body = #"{"type":"group","member_ids":["\#(minh.id)"],"title":"Suất 19:00"}"#
        let key = ["Idempotency-Key": "k1"]
        let first = try await chat.call("POST", "/rooms", body, by: lan, headers: key)
        let second = try await chat.call("POST", "/rooms", body, by: lan, headers: key)
        #expect(first.status == 201 && second.status == 201 && first.json["id"] == second.json["id"])
        let other = try await chat.call("POST", "/rooms", #"{"type":"group","member_ids":[]}"#, by: lan, headers: key)
        #expect(other.status == 422 && other.json["code"].string == "idempotency_mismatch")
        let stranger = Identifier.version7(at: .now)
        let nobody = try await chat.call(
            "POST",
            "/rooms",
            #"{"type":"direct","member_ids":["\#(stranger)"]}"#,
            by: lan
        )
        #expect(nobody.status == 422 && nobody.json["errors"][0]["code"].string == "not_found")
        let alone = try await chat.call("POST", "/rooms", #"{"type":"direct","member_ids":["\#(lan.id)"]}"#, by: lan)
        #expect(alone.status == 422)
    }

    @Test func `a stream goes on behind the last change that was seen`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room(of: [minh], by: lan)
        for number in 1...3 { _ = try await chat.say("tin \(number)", as: "m\(number)", in: room, by: lan) }
        // Many begin while messages are written: none may fall between what is read and what is heard.
        let program = """
            import json, sys, threading, time, urllib.request
            url, token, last, end = sys.argv[1:]
            def read(name):
                time.sleep(name / 50)
                request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token, "Last-Event-ID": last})
                ids, seqs = [], []
                with urllib.request.urlopen(request, timeout=20) as stream:
                    for line in stream:
                        if line.startswith(b"id:"): ids.append(int(line[3:]))
                        if line.startswith(b"data:"): seqs.append(json.loads(line[5:])["seq"])
                        if seqs and len(ids) == len(seqs) and seqs[-1] == int(end): break
                read_well.append(ids == list(range(3, 2 + int(end))) and seqs == list(range(2, 1 + int(end))))
            read_well = []
            threads = [threading.Thread(target=read, args=[name]) for name in range(20)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(read_well.count(True), "of", len(threads))
            """
        let arguments = ["\(chat.url)/v1/chat/rooms/\(room)/stream", minh.token, "2", "150"]
        async let read = Command.python(program, arguments, within: 60)
        let own = try await ChatClient.hello(chat.port, lan)
        for number in 4...150 {
            try own.say("tin \(number)", as: "m\(number)", in: room)
            try await Task.sleep(for: .milliseconds(3))  // As fast as somebody who hurries.
        }
        let output = try await read.output
        #expect(output == "20 of 20\n", "\(output)")
    }
}

extension ChatRig {
    /// Whether a process holds an id anywhere but where it must.
    func holds(_ id: Identifier, at place: Place) async throws -> Bool {
        let script = "\(SourceFile.repository)/Tests/EndToEnd/tables.py"
        let found = try await Command.run(Command.pythonPath, [script, place.data.path, "\(id)"], within: 20)
        return !Set(found.output.split(separator: "\n")).isSubset(of: ["chat.erased_users"])
    }

    /// The ids of Chat's receipts of an erasure.
    func receipts(of erasure: Identifier) async throws -> [String] {
        try await eventually("a receipt") {
            let arguments = [
                "-b", "127.0.0.1:\(self.broker.port)", "-t", "user-events", "-C", "-e", "-q", "-o", "beginning", "-f",
                "%h|%s\n",
            ]
            let lines = try await Command.run("kcat", arguments, within: 20).output.split(separator: "\n")
            let found = lines.filter { $0.contains("ce_type=user.erased") && $0.contains("\(erasure)") }
            let ids = found.compactMap { line in
                line.split(separator: ",").first { $0.hasPrefix("ce_id=") }.map(String.init)
            }
            return ids.isEmpty ? nil : ids
        }
    }
}
