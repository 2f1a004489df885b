import Contracts
import EventBus
import System
import TestSupport
import Testing

/// Whatever comes in is answered by a coded problem, never by 5xx, and changes no row of any table.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct BadInputTests {
    /// One request and what must come of it.
    private struct Case {
        var method = "POST"
        let path: String
        var body: String?
        var headers: [String: String] = [:]
        let status: Int
        let code: String
    }

    private static let tables = ["comments", "revisions", "mentions", "reports", "threads", "moderation", "outbox"]

    private func counts(_ rig: CommentRig) async throws -> String {
        var counts = ""
        for table in Self.tables { counts += "\(table) " + (try await rig.rows("SELECT count(*) FROM \(table)")) }
        return counts
    }

    @Test func `bad requests are refused by code and change nothing`() async throws {
        let rig = try await CommentRig()
        let service = try await rig.service()
        let (owner, lan) = (try rig.person(), try rig.person(roles: ["user", "moderator"]))
        let (item, other) = (try await rig.picture(of: owner), try await rig.picture(of: owner))
        let mine = try await service.comment("của tôi", on: item, by: lan).text("id")
        let elsewhere = try await service.comment("ở kia", on: other, by: owner).text("id")
        var cases = bodies("/v1/media/\(item)/comments", elsewhere)
        cases += edits("/v1/comments/\(mine)") + lists("/v1/media/\(item)/comments") + moderation(mine, item)
        try await eventually("everything is sent") { try await rig.rows("SELECT count(*) FROM outbox") == "[0]\n" }
        let before = try await counts(rig)
        for one in cases {
            let answer = try await service.call(one.method, one.path, one.body, by: lan, headers: one.headers)
            let place = "\(one.method) \(one.path) \(one.body?.prefix(100) ?? ""): \(answer.body)"
            #expect(answer.status == one.status && answer.json["code"].string == one.code, "\(place)")
            #expect(answer.headers["content-type"] == "application/problem+json", "\(place)")
        }
        #expect(try await counts(rig) == before)
    }

    private func bodies(_ path: String, _ elsewhere: String) -> [Case] {
        let deep = String(repeating: "> ", count: 60)
        let invalid: [String] = [
            "{}", "[]", #"{"body":null}"#, #"{"body":7}"#, #"{"body":""}"#, #"{"body":" \n "}"#, #"{"body":"\u200b"}"#,
            #"{"body":"[a]: https://a.example"}"#, #"{"body":"\#(deep)a"}"#, #"{"body":"a","parent_id":"7"}"#,
            #"{"body":"a","parent_id":"\#(elsewhere)"}"#,
            #"{"body":"a","parent_id":"0195adc0-de00-7001-8000-000000000001"}"#,
            #"{"body":"\ud800"}"#, "{\"body\":\"\u{1}\"}", #"{"body":"\#(String(repeating: "a", count: 2001))"}"#,
            #"{"body":"\#(String(repeating: "👩‍👩‍👧‍👦", count: 400))"}"#,
        ]
        let unknown = ["author_id", "state", "html", "depth", "is_pinned", "likes"].map { #"{"body":"a","\#($0)":1}"# }
        let malformed = ["", "{", "nope", String(repeating: "[", count: 5000)]
        let nowhere = "/v1/media/0195adc0-de00-7001-8000-000000000001/comments"
        return invalid.map { Case(path: path, body: $0, status: 422, code: "invalid_request") }
            + unknown.map { Case(path: path, body: $0, status: 422, code: "unknown_field") }
            + malformed.map { Case(path: path, body: $0, status: 400, code: "malformed_json") }
            + [
                Case(path: path, body: String(repeating: "a", count: 70_000), status: 413, code: "payload_too_large"),
                Case(path: nowhere, body: #"{"body":"a"}"#, status: 404, code: "target_not_found"),
                Case(path: "/v1/media/x/comments", body: #"{"body":"a"}"#, status: 404, code: "not_found"),
            ]
    }

    private func edits(_ path: String) -> [Case] {
        let body = #"{"body":"b"}"#
        return [
            Case(method: "PATCH", path: path, body: body, status: 428, code: "precondition_required"),
            Case(
                method: "PATCH",
                path: path,
                body: body,
                headers: ["If-Match": "\"9\""],
                status: 412,
                code: "precondition_failed"
            ),
            Case(
                method: "PATCH",
                path: path,
                body: #"{"state":"visible"}"#,
                headers: ["If-Match": "*"],
                status: 422,
                code: "invalid_request"
            ),
            Case(
                method: "DELETE",
                path: path,
                headers: ["If-Match": "W/\"1\""],
                status: 412,
                code: "precondition_failed"
            ),
            Case(path: "\(path)/reports", body: #"{"reason":"boring"}"#, status: 422, code: "invalid_request"),
            Case(path: "\(path)/reports", body: #"{"reason":"spam"}"#, status: 409, code: "conflict"),
            Case(path: "\(path)/replies", body: "{}", status: 405, code: "method_not_allowed"),
        ]
    }

    private func lists(_ path: String) -> [Case] {
        let bad = ["?sort=best", "?limit=0", "?limit=201", "?limit=x"].map { (path + $0, "invalid_request") }
        let cursors = ["?cursor=x", "?cursor=AQ", "?cursor=\(String(repeating: "A", count: 2000))"].map {
            (path + $0, "invalid_cursor")
        }
        return (bad + cursors).map { Case(method: "GET", path: $0.0, status: 422, code: $0.1) }
    }

    private func moderation(_ id: String, _ item: Identifier) -> [Case] {
        let nowhere = "0195adc0-de00-7001-8000-000000000001"
        let cases: [(String, String, Int, String)] = [
            ("/v1/admin/comments/\(id)/state", #"{"state":"deleted"}"#, 422, "invalid_request"),
            ("/v1/admin/comments/\(nowhere)/state", #"{"state":"hidden"}"#, 404, "not_found"),
            ("/v1/admin/comments/\(nowhere)/pin", "{}", 404, "not_found"),
            ("/v1/admin/media/\(nowhere)/comments/lock", "{}", 404, "target_not_found"),
            ("/v1/admin/media/\(item)/comments/slow-mode", #"{"seconds":0}"#, 422, "invalid_request"),
            ("/v1/admin/media/\(item)/comments/slow-mode", #"{"seconds":1e300}"#, 422, "invalid_request"),
            ("/v1/admin/users/\(nowhere)/comment-block", #"{"until":"2001-01-01T00:00:00Z"}"#, 422, "invalid_request"),
            ("/v1/admin/users/\(nowhere)/comment-block", #"{"until":"soon"}"#, 422, "invalid_request"),
        ]
        return cases.map { Case(method: "PUT", path: $0.0, body: $0.1, status: $0.2, code: $0.3) }
    }
}
