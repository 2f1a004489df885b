import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ModerationTests {
    @Test func `what is reported waits for a moderator, who hides it or not`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        let moderator = try rig.person(roles: ["user", "moderator"])
        let item = try await rig.picture(of: owner)
        let id = try await service.comment("Mua vé rẻ ở đây", on: item, by: lan).text("id")
        let path = "/v1/comments/\(id)"
        let report = #"{"reason":"spam","note":"quảng cáo"}"#
        #expect(try await service.call("POST", "\(path)/reports", report, by: lan).status == 409)
        for _ in 0..<2 { #expect(try await service.call("POST", "\(path)/reports", report, by: minh).status == 202) }
        #expect(try await service.call("POST", "\(path)/reports", #"{"reason":"other"}"#, by: owner).status == 202)
        #expect(try await service.call("GET", "/v1/admin/comments/reports", by: minh).status == 403)
        let queue = try await service.call("GET", "/v1/admin/comments/reports", by: moderator).json["items"]
        #expect(queue.array.count == 1 && queue[0]["count"].int == 2)
        #expect(queue[0]["reports"].array.contains { $0["note"].string == "quảng cáo" })
        let state = "/v1/admin/comments/\(id)/state"
        #expect(try await service.call("PUT", state, #"{"state":"deleted"}"#, by: moderator).status == 422)
        let decision = #"{"state":"hidden","reason":"quảng cáo"}"#
        #expect(try await service.call("PUT", state, decision, by: minh).status == 403)
        let hidden = try await service.call("PUT", state, decision, by: moderator)
        #expect(hidden.status == 200 && hidden.json["state"].string == "hidden" && hidden.json["body"].string != nil)
        let shown = try await service.call("GET", path).json
        #expect(shown["state"].string == "hidden" && shown["body"] == .null && shown["html"] == .null)
        #expect(try await service.call("GET", "/v1/admin/comments/reports", by: moderator).json["items"].array == [])
        let edit = try await service.call("PATCH", path, #"{"body":"khác"}"#, by: lan, headers: ["If-Match": "*"])
        #expect(edit.status == 409)
        let restored = try await service.call("PUT", state, #"{"state":"visible"}"#, by: moderator)
        #expect(restored.json["state"].string == "visible" && restored.json["version"].int == 3)
        let log = try await service.call("GET", "/v1/admin/comments/moderation", by: moderator).json["items"].array
        #expect(log.map { $0["action"].string } == ["restore", "hide"])
        let types = try await eventually("all is told") {
            let types = try await rig.events().map(\.type)
            return types.count == 5 ? types : nil
        }
        #expect(
            types == ["comment.added", "comment.reported", "comment.reported", "comment.hidden", "comment.restored"]
        )
    }

    @Test func `a locked discussion takes nothing new and loses nothing`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let moderator = try rig.person(roles: ["user", "moderator"])
        let item = try await rig.picture(of: owner)
        let id = try await service.comment("trước", on: item, by: lan).text("id")
        let lock = "/v1/admin/media/\(item)/comments/lock"
        #expect(try await service.call("PUT", lock, by: lan).status == 403)
        #expect(try await service.call("PUT", lock, by: moderator).status == 204)
        let path = "/v1/media/\(item)/comments"
        let refused = try await service.call("POST", path, #"{"body":"sau"}"#, by: lan)
        #expect(refused.status == 423 && refused.json["code"].string == "thread_locked")
        let edit = try await service.call(
            "PATCH",
            "/v1/comments/\(id)",
            #"{"body":"sau"}"#,
            by: lan,
            headers: ["If-Match": "*"]
        )
        #expect(edit.status == 423)
        #expect(try await service.call("GET", "\(path)/summary").json["is_locked"].bool == true)
        #expect(try await service.texts(path) == ["trước"])
        #expect(try await service.call("DELETE", "/v1/comments/\(id)", by: lan).status == 204)
        #expect(try await service.call("DELETE", lock, by: moderator).status == 204)
        _ = try await service.comment("sau", on: item, by: lan)
    }

    @Test func `a stream shows what happens, without reports and moderators, and resumes`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person())
        let moderator = try rig.person(roles: ["user", "moderator"])
        let item = try await rig.picture(of: owner)
        let id = try await service.comment("một", on: item, by: lan).text("id")
        let url = service.url + "/v1/media/\(item)/comments/stream"
        let stream = try EventStreamReader(url)
        try await eventually("the stream is open") {
            _ = try await service.comment("\(Identifier.version7(at: WallClock.system.now))", on: item, by: lan)
            return stream.text.contains("comment.added")
        }
        #expect(
            try await service.call("POST", "/v1/comments/\(id)/reports", #"{"reason":"spam"}"#, by: owner).status == 202
        )
        let hide = #"{"state":"hidden","reason":"lý do"}"#
        #expect(try await service.call("PUT", "/v1/admin/comments/\(id)/state", hide, by: moderator).status == 200)
        _ = try await service.comment("cuối", on: item, by: lan)
        try await eventually("the last has come") { stream.text.contains("cuối") }
        #expect(stream.text.contains("comment.hidden") && !stream.text.contains("comment.reported"))
        for secret in [moderator.id.description, "lý do", "spam"] {
            #expect(!stream.text.contains(secret), "\(secret)")
        }
        let first = try #require(stream.text.split(separator: "\n").first { $0.hasPrefix("id:") })
        let resumed = try EventStreamReader(url, lastEventID: String(first.dropFirst(3).drop { $0 == " " }))
        try await eventually("what was missed comes") { resumed.text.contains("cuối") }
        #expect(resumed.text.contains("comment.hidden"))
        let lost = try EventStreamReader(url, lastEventID: "0-999999")
        try await eventually("what is not known is said") { lost.text.contains("event: reset") }
    }
}
