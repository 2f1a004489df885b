import Contracts
import EventBus
import System
import TestSupport
import Testing

/// Who may write and read what.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StandingTests {
    private func add(_ service: ServiceProcess, _ item: Identifier, by person: CommentRig.Person) async throws -> String
    {
        let body = #"{"body":"\#(Identifier.version7(at: WallClock.system.now))"}"#
        let answer = try await service.call("POST", "/v1/media/\(item)/comments", body, by: person)
        return answer.status == 201 ? "201" : "\(answer.status) \(answer.json["code"].string ?? "")"
    }

    @Test func `comments are there for who sees the item`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let nowhere = Identifier.version7(at: WallClock.system.now.adding(seconds: -60))
        #expect(try await add(service, nowhere, by: lan) == "404 target_not_found")
        let item = try await rig.picture(of: owner, .private)
        #expect(try await add(service, item, by: owner) == "201")
        #expect(try await add(service, item, by: lan) == "404 target_not_found")
        let path = "/v1/media/\(item)/comments"
        let id = try await service.call("GET", path, by: owner).json["items"][0].text("id")
        for hidden in [path, "\(path)/summary", "\(path)/stream", "/v1/comments/\(id)", "/v1/comments/\(id)/replies"] {
            #expect(try await service.call("GET", hidden).status == 404, "\(hidden)")
        }
        try await rig.publish(MediaVisibilityChanged(mediaID: item, ownerID: owner.id, visibility: .public))
        try await eventually("it is public") { try await service.call("GET", path).status == 200 }
        let stream = try EventStreamReader(service.url + path + "/stream")
        try await eventually("the stream shows") {
            _ = try await add(service, item, by: lan)
            return stream.text.contains("comment.added")
        }
        try await rig.publish(MediaVisibilityChanged(mediaID: item, ownerID: owner.id, visibility: .private))
        try await eventually("the stream of what became private ends") { try stream.hasEnded }
        #expect(try await service.call("GET", path).status == 404)
        try await rig.publish(MediaDeleted(mediaID: item, ownerID: owner.id))
        try await eventually("nothing is left") {
            try await rig.rows("SELECT id FROM comments", "SELECT target_id FROM threads") == ""
        }
        #expect(try await service.call("GET", path, by: owner).status == 404)
        try await eventually("each is told as deleted") {
            let events = try await rig.events()
            return events.count { $0.type == "comment.deleted" } == events.count { $0.type == "comment.added" }
        }
    }

    @Test func `who is banned, blocked or without a token does not write`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        let moderator = try rig.person(roles: ["user", "moderator"])
        let item = try await rig.picture(of: owner)
        #expect(try await add(service, item, by: lan) == "201")
        let anonymous = try await service.call("POST", "/v1/media/\(item)/comments", #"{"body":"a"}"#)
        #expect(anonymous.status == 401)
        let now = WallClock.system.now
        try await rig.publish(UserBanned(userID: lan.id, reason: "spam", timestamp: now))
        try await eventually("the ban holds") { try await add(service, item, by: lan) == "403 user_banned" }
        try await rig.publish(UserUnbanned(userID: lan.id, timestamp: now))
        try await eventually("and ends") { try await add(service, item, by: lan) == "201" }
        try await rig.publish(UserBlocked(userID: owner.id, targetID: minh.id, timestamp: now))
        try await eventually("the owner's block holds") { try await add(service, item, by: minh) == "403 forbidden" }
        let shown = try await service.call("GET", "/v1/media/\(item)/comments", by: lan).json["items"][0]
        #expect(shown["is_author_blocked"].bool == false && shown["body"].string != nil)
        try await rig.publish(UserBlocked(userID: minh.id, targetID: lan.id, timestamp: now))
        try await eventually("who blocks does not read") {
            let hidden = try await service.call("GET", "/v1/media/\(item)/comments", by: minh).json["items"][0]
            return hidden["is_author_blocked"].bool == true && hidden["body"] == .null && hidden["html"] == .null
        }
        let block = "/v1/admin/users/\(lan.id)/comment-block"
        let until = WallClock.system.now.adding(seconds: 2)
        #expect(try await service.call("PUT", block, "{}", by: minh).status == 403)
        let body = #"{"until":"\#(until)","reason":"bình tĩnh"}"#
        #expect(try await service.call("PUT", block, body, by: moderator).status == 204)
        #expect(try await add(service, item, by: lan) == "403 comment_blocked")
        try await eventually("the block expires by itself") { try await add(service, item, by: lan) == "201" }
        #expect(try await service.call("PUT", block, "{}", by: moderator).status == 204)
        #expect(try await add(service, item, by: lan) == "403 comment_blocked")
        #expect(try await service.call("DELETE", block, by: moderator).status == 204)
        #expect(try await add(service, item, by: lan) == "201")
    }

    @Test func `one person writes only so fast, and slower where it is heated`() async throws {
        let rig = try await CommentRig(environment: ["COMMENT_PER_MINUTE": "3"])
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        let moderator = try rig.person(roles: ["user", "moderator"])
        let item = try await rig.picture(of: owner)
        for _ in 0..<3 { #expect(try await add(service, item, by: lan) == "201") }
        let path = "/v1/media/\(item)/comments"
        let refused = try await service.call("POST", path, #"{"body":"nữa"}"#, by: lan)
        #expect(refused.status == 429 && refused.headers["ratelimit-policy"]?.contains("comments") == true)
        #expect(refused.headers["retry-after"].flatMap { Int($0) }.map { (1...20).contains($0) } == true)
        let slow = "/v1/admin/media/\(item)/comments/slow-mode"
        #expect(try await service.call("PUT", slow, #"{"seconds":600}"#, by: moderator).status == 204)
        #expect(try await add(service, item, by: minh) == "201")
        let slowed = try await service.call("POST", path, #"{"body":"nữa"}"#, by: minh)
        #expect(slowed.status == 429 && slowed.json["violated-policies"].array == [.string("slow-mode")])
        #expect(slowed.headers["retry-after"].flatMap { Int($0) }.map { $0 > 500 } == true)
        #expect(try await service.call("DELETE", slow, by: moderator).status == 204)
        #expect(try await add(service, item, by: minh) == "201")
    }

    @Test func `erasure takes words and name away, leaves tombstones, and is acknowledged`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        try await rig.introduce(lan, as: "lan")
        let item = try await rig.picture(of: owner)
        let first = try await service.comment("của Lan", on: item, by: lan).text("id")
        for number in 0..<60 { _ = try await service.comment("\(number)", on: item, by: lan, to: first) }
        let answer = try await service.comment("chào @lan", on: item, by: minh, to: first)
        let report = #"{"reason":"spam","note":"Lan nói"}"#
        #expect(
            try await service.call("POST", "/v1/comments/\(answer.text("id"))/reports", report, by: lan).status == 202
        )
        let erasure = Identifier.version7(at: WallClock.system.now)
        try await rig.publish(UserDeleted(userID: lan.id, erasureID: erasure, timestamp: WallClock.system.now))
        let id = lan.id.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try await eventually("all is done", within: 20) {
            try await rig.rows("SELECT hex(user_id) FROM erased_users WHERE done = 1").lowercased().contains(id)
        }
        for table in ["comments", "profiles", "mentions", "reports", "paces", "blocks", "revisions"] {
            #expect(try await !rig.rows("SELECT * FROM \(table)").contains(id), "\(table)")
        }
        #expect(try await rig.rows("SELECT * FROM comments").contains("của Lan") == false)
        let tombstone = try await service.call("GET", "/v1/comments/\(first)").json
        #expect(tombstone["state"].string == "deleted" && tombstone["author_id"] == .null)
        #expect(tombstone["replies"].int == 61)
        #expect(try await add(service, item, by: lan).hasPrefix("401"))
        let arguments = [
            "-b", "127.0.0.1:\(rig.broker.port)", "-t", "user-events", "-C", "-e", "-q", "-o", "beginning",
        ]
        try await eventually("there is one receipt") {
            let events = try await Command.run("kcat", arguments, within: 20).output
            return events.split(separator: "\n").count { $0.contains(#""service":"comment""#) } == 1
        }
        try await eventually("each is told as deleted") {
            try await rig.events().count { $0.type == "comment.deleted" } == 61
        }
        // A profile that comes late brings no name back.
        try await rig.introduce(lan, as: "lan")
        try await rig.introduce(minh, as: "minh")
        try await eventually("the later profile is there") {
            try await rig.rows("SELECT handle FROM profiles") == "['minh']\n"
        }
    }
}
