import System
import TestSupport
import Testing

/// Whatever comes in is answered by a coded problem, never by 5xx, and changes no row of any table.
@Suite(.serialized) struct BadInputTests {
    /// One request and what must come of it.
    private struct Case {
        var method = "POST"
        let path: String
        var body: String?
        var headers: [String: String] = [:]
        let status: Int
        let code: String
    }

    private static let tables = [
        "users", "relations", "erasures", "confirmations", "admin_acts", "secret_mails", "retired_handles", "outbox",
    ]
    private static let nowhere = "0195adc0-de00-7001-8000-000000000001"

    private func counts(_ fixture: UserServiceFixture) async throws -> String {
        var counts = ""
        for table in Self.tables {
            counts += "\(table) " + (try await fixture.rows("SELECT count(*) FROM \(table)")) + "\n"
        }
        return counts
    }

    @Test func `bad requests are refused by code and change nothing`() async throws {
        let fixture = try await UserServiceFixture()
        let id = try await fixture.register("linh@example.org")
        _ = try await fixture.register("an@example.org")
        let (user, admin) = (try fixture.token(id), try await fixture.adminToken())
        let before = try await counts(fixture)
        for (cases, token) in [
            (signUps() + secrets(), nil), (profiles(), user), (addresses(), user), (admins(id) + imports(), admin),
        ] {
            for one in cases {
                let answer = try await fixture.call(one.method, one.path, one.body, token: token, headers: one.headers)
                let place = "\(one.method) \(one.path) \(one.body?.prefix(100) ?? ""): \(answer.body)"
                #expect(answer.status == one.status && answer.json["code"].string == one.code, "\(place)")
                #expect(answer.headers["content-type"] == "application/problem+json", "\(place)")
            }
        }
        #expect(try await counts(fixture) == before)
    }

    private func signUp(_ members: [String: String]) -> String {
        let usual = [
            "email": #""binh@example.org""#, "password": #""mot hai ba bon nam""#, "display_name": #""Binh""#,
        ]
        let all = usual.merging(members) { $1 }.filter { !$0.value.isEmpty }
        return "{\(all.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
    }

    private func signUps() -> [Case] {
        let long = String(repeating: "a", count: 300)
        let invalid: [(String, [String])] = [
            (
                "email",
                [
                    "", "null", "7", "[]", #""a""#, #""a@b""#, #""a@b.co\r\nBcc: x@y.z""#, #""đ@b.co""#,
                    "\"\(long)@b.co\"",
                ]
            ),
            ("password", ["", "null", "{}"]),
            ("display_name", ["", "null", #""""#, #"" ""#, #""a\nb""#, #""\u202eb""#, #""\u0000""#, "\"\(long)\""]),
            (
                "handle",
                [#""ab""#, #""_ab""#, #""admin""#, #""4dmin""#, #""rnarquee""#, #""лан""#, #""a b""#, "\"\(long)\""]
            ),
            ("locale", [#""fr""#, "1"]),
        ]
        let weak = [#""short""#, #""password1""#, #""binh@example.org""#, "\"\(long)\"", #""12345678""#]
        let path = "/v1/users"
        return invalid.flatMap { name, values in
            values.map { Case(path: path, body: signUp([name: $0]), status: 422, code: "invalid_request") }
        } + weak.map { Case(path: path, body: signUp(["password": $0]), status: 422, code: "weak_password") }
            + ["role", "id", "email_verified", "banned", "version"].map {
                Case(path: path, body: signUp([$0: "1"]), status: 422, code: "unknown_field")
            }
            + ["", "{", "nope", String(repeating: "[", count: 5000)].map {
                Case(path: path, body: $0, status: 400, code: "malformed_json")
            } + [
                Case(path: path, body: signUp(["email": #""LINH@example.org""#]), status: 409, code: "email_taken"),
                Case(path: path, body: signUp(["handle": #""Lính_Nguyen""#]), status: 409, code: "handle_taken"),
                Case(path: path, body: String(repeating: " ", count: 80_000), status: 413, code: "payload_too_large"),
                Case(
                    path: path,
                    body: signUp([:]),
                    headers: ["Idempotency-Key": long],
                    status: 422,
                    code: "invalid_request"
                ),
            ]
    }

    private func secrets() -> [Case] {
        let path = "/v1/users/email/verify"
        return [
            (#"{"token":""}"#, 422, "invalid_link"), (#"{"token":"guess"}"#, 422, "invalid_link"),
            (#"{"token":"\#(String(repeating: "a", count: 5000))"}"#, 422, "invalid_link"),
            (#"{"token":7}"#, 422, "invalid_request"), ("{}", 422, "invalid_request"), ("", 400, "malformed_json"),
            (#"{"token":"a","email":"b"}"#, 422, "unknown_field"),
        ].map { Case(path: path, body: $0.0, status: $0.1, code: $0.2) } + [
            Case(method: "GET", path: "/v1/erasures/\(Self.nowhere)?receipt_token=x", status: 404, code: "not_found"),
            Case(method: "GET", path: "/v1/erasures/x", status: 404, code: "not_found"),
            Case(path: "/internal/v1/credentials/set", body: "{}", status: 404, code: "route_not_found"),
        ]
    }

    private func profiles() -> [Case] {
        let me = "/v1/users/me"
        let any = ["If-Match": "*"]
        let patches: [(String, Int, String)] = [
            (#"{"handle":"a b"}"#, 422, "invalid_request"), (#"{"role":"admin"}"#, 422, "unknown_field"),
            (#"{"display_name":""}"#, 422, "invalid_request"), (#"{"email":"x@y.zz"}"#, 422, "unknown_field"),
            ("[]", 422, "invalid_request"), ("{", 400, "malformed_json"),
        ]
        return patches.map { Case(method: "PATCH", path: me, body: $0.0, headers: any, status: $0.1, code: $0.2) } + [
            Case(method: "PATCH", path: me, body: "{}", status: 428, code: "precondition_required"),
            Case(method: "PUT", path: "\(me)/password", body: "{}", status: 422, code: "invalid_request"),
            Case(method: "PUT", path: "\(me)/blocks/\(Self.nowhere)", status: 404, code: "not_found"),
            Case(method: "PUT", path: "\(me)/blocks/x", status: 404, code: "not_found"),
            Case(method: "GET", path: "\(me)/mutes?limit=0", status: 422, code: "invalid_request"),
            Case(method: "GET", path: "\(me)/mutes?cursor=AQ", status: 422, code: "invalid_cursor"),
            Case(method: "GET", path: "/v1/users/\(Self.nowhere)", status: 404, code: "not_found"),
            Case(method: "GET", path: "/v1/users", status: 403, code: "forbidden"),
        ]
    }

    private func addresses() -> [Case] {
        let path = "/v1/users/me/email"
        let right = "sau bay tam chin muoi"
        return [
            (#"{"email":"a@b","current_password":"\#(right)"}"#, "invalid_request"),
            (#"{"email":"moi@example.org"}"#, "invalid_request"),
            (#"{"email":"moi@example.org","current_password":"wrong"}"#, "invalid_request"),
            (#"{"email":"moi@example.org","current_password":"\#(right)","verified":true}"#, "unknown_field"),
        ].map { Case(path: path, body: $0.0, status: 422, code: $0.1) } + [
            Case(path: path, body: "", status: 400, code: "malformed_json"),
            Case(path: "/v1/users/me/email/verify", body: "{}", status: 404, code: "route_not_found"),
        ]
    }

    private func admins(_ id: String) -> [Case] {
        let path = "/v1/users/\(id)"
        let puts: [(String, String, Int, String)] = [
            ("\(path)/role", #"{"role":"king"}"#, 422, "invalid_request"),
            ("\(path)/role", "{}", 422, "invalid_request"),
            ("\(path)/ban", #"{"until":"soon"}"#, 422, "invalid_request"),
            ("\(path)/ban", #"{"until":"2001-01-01T00:00:00Z"}"#, 422, "invalid_request"),
            ("\(path)/ban", #"{"reason":"\#(String(repeating: "a", count: 501))"}"#, 422, "invalid_request"),
            ("\(path)/ban", #"{"by":"x"}"#, 422, "unknown_field"), ("\(path)/ban", "{", 400, "malformed_json"),
            ("/v1/users/\(Self.nowhere)/role", #"{"role":"user"}"#, 404, "not_found"),
            ("/v1/users/\(Self.nowhere)/ban", "{}", 404, "not_found"), ("/v1/users/x/ban", "{}", 404, "not_found"),
        ]
        let gets: [(String, Int, String)] = [
            ("/v1/users?role=king", 422, "invalid_request"), ("/v1/users?banned=1", 422, "invalid_request"),
            ("/v1/users?q=", 422, "invalid_request"), ("/v1/users?q=%ff", 400, "malformed_request"),
            ("/v1/users?cursor=AQ", 422, "invalid_cursor"),
            ("/v1/users/\(Self.nowhere)/acts", 404, "not_found"), ("/v1/users/x/acts", 404, "not_found"),
        ]
        return puts.map { Case(method: "PUT", path: $0.0, body: $0.1, status: $0.2, code: $0.3) }
            + gets.map { Case(method: "GET", path: $0.0, status: $0.1, code: $0.2) }
    }

    /// Hashes that are none, or would run for hours.
    private func imports() -> [Case] {
        let bcrypt = "wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C"
        let scrypt = "p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ"
        let hashes = [
            "", "mot hai ba bon nam", "$2b$31$\(bcrypt)", "$2b$05$", "$scrypt$ln=30,r=8,\(scrypt)",
            "$argon2id$v=19$m=4000000,t=2,p=1$c2FsdHNhbHQ$B0Qj+ar7rUI3amhi3J0M4IoJuJ9+jYujmWFOwLXoCbg",
            "pbkdf2_sha256$100000000$salt$2ZgYWO0Lo7J3mkjp/b79xITKUpSbmltz2oyzAQ6daH4=",
            String(repeating: "$", count: 5000),
        ]
        let bodies: [(String, String)] = hashes.map { hash in
            let body = #"{"email":"mai@example.org","password_hash":"\#(hash)","display_name":"Mai"}"#
            return (body, "invalid_request")
        }
        let others = [
            (signUp([:]), "invalid_request"),
            (signUp(["password": "", "password_hash": "\"$2b$05$\(bcrypt)\"", "email": #""x""#]), "invalid_request"),
            (signUp(["password": "", "password_hash": "\"$2b$05$\(bcrypt)\"", "role": #""admin""#]), "unknown_field"),
        ]
        return (bodies + others).map { Case(path: "/v1/admin/users", body: $0.0, status: 422, code: $0.1) }
    }
}
