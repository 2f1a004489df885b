import Contracts
import System
import TestSupport
import Testing

/// Whatever comes in is answered by a coded problem, never by 5xx, and changes no row of any table.
@Suite(.serialized) struct BadInputTests {
    /// One request and what must come of it.
    private struct Case {
        var method = "GET"
        let path: String
        var body: String?
        var headers: [String: String] = [:]
        let status: Int
        let code: String
    }

    private static let nowhere = "0195adc0-de00-7001-8000-000000000001"

    /// The rows of every table, by Python's SQLite.
    private func counts(_ rig: LikeRig) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
                if name not in ("consumer_offsets", "sqlite_sequence"):
                    print(name, base.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
            """
        let result = try await Command.python(program, [rig.data.appending("like/like.sqlite")])
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output
    }

    @Test func `bad requests are refused by code and change nothing`() async throws {
        let rig = try await LikeRig()
        let (lan, mai) = (try rig.person(), try rig.person())
        let (photo, hidden) = (try await rig.photo(of: mai), try await rig.photo(of: mai, visibility: .private))
        try await eventually("the photos are known") {
            let own = try await rig.call("GET", "/v1/media/\(hidden)/likes/me", by: mai)
            return try await rig.like(photo, by: lan).status == 200 && own.status == 200
        }
        try await eventually("everything is sent") { try await counts(rig).contains("outbox 0") }
        let before = try await counts(rig)
        for one in targets(photo, hidden) + lists(photo) + countings() {
            let answer = try await rig.call(one.method, one.path, by: lan, json: one.body, headers: one.headers)
            let place = "\(one.method) \(one.path) \(one.body?.prefix(100) ?? ""): \(answer.body)"
            #expect(answer.status == one.status && answer.json["code"].string == one.code, "\(place)")
            #expect(answer.headers["content-type"] == "application/problem+json", "\(place)")
        }
        for (method, path) in [("PUT", "/v1/media/\(photo)/likes/me"), ("GET", "/v1/users/me/likes")] {
            #expect(try await rig.call(method, path).status == 401)
        }
        #expect(try await rig.call("GET", "/v1/admin/likes/audit", by: lan).status == 403)
        #expect(try await counts(rig) == before)
    }

    /// What cannot be liked.
    private func targets(_ photo: Identifier, _ hidden: Identifier) -> [Case] {
        let ids = ["x", "7", "0195adc0", "\(photo)0", "0195adc0-de00-7001-8000-00000000000g"]
        return ["PUT", "DELETE", "GET"].flatMap { method in
            ids.map { Case(method: method, path: "/v1/media/\($0)/likes/me", status: 404, code: "not_found") }
                + ["media/\(Self.nowhere)", "comments/\(Self.nowhere)", "media/\(hidden)", "comments/\(photo)"].map {
                    Case(method: method, path: "/v1/\($0)/likes/me", status: 404, code: "target_not_found")
                }
        } + [
            Case(method: "POST", path: "/v1/media/\(photo)/likes/me", status: 405, code: "method_not_allowed"),
            Case(method: "PUT", path: "/v1/media/\(photo)/likes", status: 405, code: "method_not_allowed"),
            Case(method: "PUT", path: "/v1/users/\(photo)/likes/me", status: 404, code: "route_not_found"),
            Case(method: "PUT", path: "/v1/media/%00/likes/me", status: 400, code: "malformed_request"),
        ]
    }

    private func lists(_ photo: Identifier) -> [Case] {
        ["/v1/media/\(photo)/likes", "/v1/users/me/likes"].flatMap { path in
            ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=99999999999999999999"].map {
                Case(path: "\(path)?\($0)", status: 422, code: "invalid_request")
            }
                + ["x", "AQ", String(repeating: "A", count: 2000)].map {
                    Case(path: "\(path)?cursor=\($0)", status: 422, code: "invalid_cursor")
                }
        }
    }

    /// What cannot be counted.
    private func countings() -> [Case] {
        let path = "/v1/likes/counts"
        let target = #"{"type":"media","id":"\#(Self.nowhere)"}"#
        let many = Array(repeating: target, count: 201).joined(separator: ",")
        let invalid = [
            "{}", "[]", "null", "7", #"{"targets":null}"#, #"{"targets":[]}"#, #"{"targets":{}}"#,
            #"{"targets":[null]}"#,
            #"{"targets":[{}]}"#, #"{"targets":[{"type":"photo","id":"\#(Self.nowhere)"}]}"#,
            #"{"targets":[{"type":"media","id":"7"}]}"#, #"{"targets":[{"type":"media","id":7}]}"#,
            #"{"targets":[{"type":"media"}]}"#, #"{"targets":[\#(many)]}"#,
        ]
        let unknown = [
            #"{"targets":[\#(target)],"all":true}"#,
            #"{"targets":[{"type":"media","id":"\#(Self.nowhere)","count":1}]}"#,
        ]
        let malformed = ["", "{", "nope", #"{"targets":["#, String(repeating: "[", count: 5000)]
        return invalid.map { Case(method: "POST", path: path, body: $0, status: 422, code: "invalid_request") }
            + unknown.map { Case(method: "POST", path: path, body: $0, status: 422, code: "unknown_field") }
            + malformed.map { Case(method: "POST", path: path, body: $0, status: 400, code: "malformed_json") }
            + [
                Case(
                    method: "POST",
                    path: path,
                    body: String(repeating: "a", count: 70_000),
                    status: 413,
                    code: "payload_too_large"
                )
            ]
    }
}
