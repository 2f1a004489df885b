import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ThreadTests {
    @Test func `a comment on a picture of this moment is taken, told and shown`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        try await rig.introduce(lan, as: "lan")
        try await rig.introduce(minh, as: "minh")
        try await eventually("names are known") { try await rig.rows("SELECT handle FROM profiles").count > 15 }
        let item = try await rig.picture(of: owner)
        let comment = try await service.comment("Chào @minh, phim **hay**!", on: item, by: lan)
        #expect(comment["html"].string == "<p>Chào @minh, phim <strong>hay</strong>!</p>\n")
        #expect(comment["author_name"].string == "Person lan" && comment["author_handle"].string == "lan")
        #expect(comment["mentioned_ids"].array == [.string(minh.id.description)])
        let reply = try await service.comment("Ừ", on: item, by: minh, to: try comment.text("id"))
        #expect(reply["depth"].int == 1 && reply["parent_id"] == comment["id"])
        let list = try await service.call("GET", "/v1/media/\(item)/comments").json["items"]
        #expect(list.array.count == 1 && list[0]["replies"].int == 1)
        let replies = try await service.texts("/v1/comments/\(comment.text("id"))/replies")
        #expect(replies == ["Ừ"])
        let events = try await eventually("both are told") {
            let events = try await rig.events()
            return events.count == 2 ? events : nil
        }
        #expect(events.allSatisfy { $0.type == "comment.added" })
        #expect(events[0].payload["excerpt"].string == "Chào @minh, phim hay!")
        #expect(events[0].payload["mentioned_ids"].array == [.string(minh.id.description)])
        #expect(events[1].payload["parent_author_id"].string == lan.id.description)
        #expect(events[1].payload["target_owner_id"].string == owner.id.description)
    }

    @Test func `lists go by age and by what people like, page by page`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let item = try await rig.picture(of: owner)
        var ids: [String] = []
        for number in 1...5 { ids.append(try await service.comment("\(number)", on: item, by: lan).text("id")) }
        let path = "/v1/media/\(item)/comments"
        #expect(try await service.texts(path) == ["5", "4", "3", "2", "1"])
        #expect(try await service.texts(path + "?sort=old") == ["1", "2", "3", "4", "5"])
        for (index, count) in [(1, 3), (3, 9)] {
            for number in 1...count {
                let added = LikeAdded(
                    targetType: .comment,
                    targetID: try #require(Identifier(ids[index])),
                    targetOwnerID: lan.id,
                    userID: .version7(at: WallClock.system.now),
                    count: Int64(number),
                    timestamp: WallClock.system.now
                )
                try await rig.publish(added)
            }
        }
        try await eventually("likes decide") {
            try await service.texts(path + "?sort=top") == ["4", "2", "5", "3", "1"]
        }
        let moderator = try rig.person(roles: ["user", "moderator"])
        #expect(try await service.call("PUT", "/v1/admin/comments/\(ids[0])/pin", by: moderator).status == 204)
        #expect(try await service.texts(path + "?sort=top") == ["1", "4", "2", "5", "3"])
        let first = try await service.call("GET", path + "?limit=2")
        let cursor = try first.json.text("next_cursor")
        #expect(first.headers["link"]?.contains(cursor) == true)
        let other = try await service.call("GET", path + "?sort=top&cursor=\(cursor)")
        #expect(other.status == 422 && other.json["code"].string == "invalid_cursor")
    }

    @Test func `an author edits for a while, and earlier texts are kept`() async throws {
        let rig = try await CommentRig(environment: ["COMMENT_EDIT_SECONDS": "3"])
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let item = try await rig.picture(of: owner)
        let id = try await service.comment("một", on: item, by: lan).text("id")
        let path = "/v1/comments/\(id)"
        let tag = try #require(try await service.call("GET", path).headers["etag"])
        let body = #"{"body":"hai"}"#
        #expect(try await service.call("PATCH", path, body, by: lan).status == 428)
        let others = try await service.call("PATCH", path, body, by: owner, headers: ["If-Match": tag])
        #expect(others.status == 403)
        let edited = try await service.call("PATCH", path, body, by: lan, headers: ["If-Match": tag])
        #expect(edited.status == 200 && edited.json["version"].int == 2 && edited.json["edited_at"].string != nil)
        #expect(try await service.call("PATCH", path, body, by: lan, headers: ["If-Match": tag]).status == 412)
        let fresh = try #require(edited.headers["etag"])
        #expect(try await service.call("GET", path, headers: ["If-None-Match": fresh]).status == 304)
        #expect(try await service.call("GET", "\(path)/versions", by: owner).status == 403)
        let versions = try await service.call("GET", "\(path)/versions", by: lan).json["items"]
        #expect(versions.array.count == 1 && versions[0]["body"].string == "một")
        let late = try await eventually("the time is over") {
            let number = Identifier.version7(at: WallClock.system.now)
            let answer = try await service.call(
                "PATCH",
                path,
                #"{"body":"\#(number)"}"#,
                by: lan,
                headers: ["If-Match": "*"]
            )
            return answer.status == 200 ? nil : answer
        }
        #expect(late.status == 409 && late.json["code"].string == "comment_not_editable")
    }

    @Test func `a deleted comment leaves a tombstone and its replies`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        let item = try await rig.picture(of: owner)
        let id = try await service.comment("bí mật", on: item, by: lan).text("id")
        _ = try await service.comment("gì?", on: item, by: minh, to: id)
        #expect(try await service.call("DELETE", "/v1/comments/\(id)", by: minh).status == 403)
        for _ in 0..<2 { #expect(try await service.call("DELETE", "/v1/comments/\(id)", by: lan).status == 204) }
        let tombstone = try await service.call("GET", "/v1/comments/\(id)").json
        #expect(tombstone["state"].string == "deleted" && tombstone["replies"].int == 1)
        for member in ["body", "html", "author_id"] { #expect(tombstone[member] == .null, "\(member)") }
        #expect(try await service.texts("/v1/comments/\(id)/replies") == ["gì?"])
        #expect(try await rig.rows("SELECT * FROM comments WHERE body LIKE '%bí mật%'") == "")
        let refused = try await service.call(
            "POST",
            "/v1/media/\(item)/comments",
            #"{"body":"a","parent_id":"\#(id)"}"#,
            by: minh
        )
        #expect(refused.status == 422)
        let summary = try await service.call("GET", "/v1/media/\(item)/comments/summary").json
        #expect(summary["comments"].int == 1)
        let told = try await eventually("it is told once") {
            try await rig.events().first { $0.type == "comment.deleted" }?.payload
        }
        #expect(told["reason"].string == "author" && told["excerpt"] == .null && told["version"].int == 2)
    }

    @Test func `a repeated request makes one comment, across a crash`() async throws {
        let rig = try await CommentRig()
        var service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let item = try await rig.picture(of: owner)
        let post = (path: "/v1/media/\(item)/comments", body: #"{"body":"một lần"}"#, key: ["Idempotency-Key": "a"])
        let first = try await service.call("POST", post.path, post.body, by: lan, headers: post.key)
        #expect(first.status == 201 && first.headers["event-position"] != nil)
        try await service.kill()
        service = try await rig.service()
        let again = try await service.call("POST", post.path, post.body, by: lan, headers: post.key)
        #expect(again.status == 201 && again.json == first.json)
        let other = try await service.call("POST", post.path, #"{"body":"x"}"#, by: lan, headers: post.key)
        #expect(other.status == 422 && other.json["code"].string == "idempotency_mismatch")
        let same = try await service.call("POST", post.path, post.body, by: lan)
        #expect(same.status == 409 && same.json["code"].string == "duplicate_comment")
        let running = service
        // Sent again after the crash, perhaps, under the same id.
        let id = try first.json.text("id")
        try await eventually("it is told") {
            Set(try await rig.events().map { $0.payload["comment_id"].string }) == [id]
        }
        #expect(try await running.texts(post.path) == ["một lần"])
    }
}
