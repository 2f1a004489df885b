import Security
import ServiceKit
import System
import TestSupport
import Testing

@Suite(.serialized) struct UserHTTPTests {
    @Test func `a person signs up, changes the profile and leaves`() async throws {
        let fixture = try await UserServiceFixture()
        let id = try await fixture.register("linh@example.org")
        let token = try fixture.token(id)

        let me = try await fixture.call("GET", "/v1/users/me", token: token)
        #expect(me.status == 200)
        #expect(me.json["email"].string == "linh@example.org")
        #expect(me.json["display_name"].string == "Linh Nguyễn")
        let tag = try #require(me.headers["etag"])
        let same = try await fixture.call("GET", "/v1/users/me", token: token, headers: ["If-None-Match": tag])
        #expect(same.status == 304)

        let patch = #"{"handle":"linh.n","locale":"en"}"#
        #expect(try await fixture.call("PATCH", "/v1/users/me", patch, token: token).status == 428)
        let changed = try await fixture.call("PATCH", "/v1/users/me", patch, token: token, headers: ["If-Match": tag])
        #expect(changed.status == 200)
        #expect(changed.json["handle"].string == "linh.n")
        #expect(changed.headers["event-position"]?.hasPrefix("/user:user-profiles:") == true)
        let stale = try await fixture.call("PATCH", "/v1/users/me", patch, token: token, headers: ["If-Match": tag])
        #expect(stale.status == 412)

        let gone = try await fixture.call("DELETE", "/v1/users/me", token: token)
        #expect(gone.status == 202)
        let receipt = try #require(gone.json["receipt_token"].string)
        let erasure = try #require(gone.headers["location"])
        let state = try await fixture.call("GET", "\(erasure)?receipt_token=\(receipt)")
        #expect(state.json["complete"].bool == false)
        #expect(try await fixture.call("GET", "\(erasure)?receipt_token=guess").status == 404)
        #expect(try await fixture.call("GET", "/v1/users/me", token: token).status == 401)
    }

    @Test func `a sign-up that is refused says which member is wrong`() async throws {
        let fixture = try await UserServiceFixture()
        let weak = #"{"email":"a@example.org","password":"password1","display_name":"A"}"#
        let refused = try await fixture.call("POST", "/v1/users", weak)
        #expect(refused.status == 422)
        #expect(refused.json["code"].string == "weak_password")
        #expect(refused.json["errors"][0]["pointer"].string == "/password")
        let unknown = #"{"email":"a@example.org","password":"sau bay tam chin","display_name":"A","role":"admin"}"#
        #expect(try await fixture.call("POST", "/v1/users", unknown).json["code"].string == "unknown_field")
        let address = #"{"email":"a@example","password":"sau bay tam chin","display_name":"A"}"#
        #expect(try await fixture.call("POST", "/v1/users", address).json["errors"][0]["pointer"].string == "/email")
        _ = try await fixture.register("a@example.org")
        let taken = #"{"email":"A@example.org","password":"sau bay tam chin","display_name":"A"}"#
        let answer = try await fixture.call("POST", "/v1/users", taken)
        #expect(answer.status == 409)
        #expect(answer.json["code"].string == "email_taken")
    }

    @Test func `a repeated sign-up with its key gets the first answer`() async throws {
        let fixture = try await UserServiceFixture()
        let body = #"{"email":"a@example.org","password":"sau bay tam chin","display_name":"A"}"#
        let other = #"{"email":"a@example.org","password":"sau bay tam chin","display_name":"B"}"#
        let key = ["Idempotency-Key": "one"]
        let first = try await fixture.call("POST", "/v1/users", body, headers: key)
        let second = try await fixture.call("POST", "/v1/users", body, headers: key)
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(second.body == first.body)
        #expect(try await fixture.call("POST", "/v1/users", other, headers: key).status == 422)
    }

    @Test func `Auth verifies credentials and nobody else can`() async throws {
        let fixture = try await UserServiceFixture()
        let id = try await fixture.register("linh@example.org")
        let right = try await fixture.verify("linh@example.org", "sau bay tam chin muoi")
        #expect(right.json["user_id"].string == id)
        #expect(right.json["role"].string == "user")
        let wrong = try await fixture.verify("linh@example.org", "wrong")
        #expect(wrong.json["code"].string == "invalid_credentials" && wrong.json["user_id"][0].string == id)
        let unknown = try await fixture.verify("nobody@example.org", "wrong")
        #expect(unknown.json["code"].string == "invalid_credentials" && unknown.json["user_id"] == .null)
        let body = #"{"email":"linh@example.org","password":"sau bay tam chin muoi"}"#
        #expect(try await fixture.call("POST", "/internal/v1/credentials/verify", body).status == 404)
    }

    @Test func `a password is changed by who knows it`() async throws {
        let fixture = try await UserServiceFixture()
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        let wrong = #"{"current_password":"x","new_password":"mot hai ba bon nam"}"#
        #expect(try await fixture.call("PUT", "/v1/users/me/password", wrong, token: token).status == 422)
        let right = #"{"current_password":"sau bay tam chin muoi","new_password":"mot hai ba bon nam"}"#
        #expect(try await fixture.call("PUT", "/v1/users/me/password", right, token: token).status == 204)
        #expect(try await fixture.verify("linh@example.org", "mot hai ba bon nam").status == 200)
        #expect(try await fixture.verify("linh@example.org", "sau bay tam chin muoi").status == 401)
    }

    @Test func `blocks are listed page by page`() async throws {
        let fixture = try await UserServiceFixture()
        let token = try fixture.token(try await fixture.register("me@example.org"))
        var others: [String] = []
        for number in 0..<3 { others.append(try await fixture.register("u\(number)@example.org")) }
        for other in others {
            #expect(try await fixture.call("PUT", "/v1/users/me/blocks/\(other)", token: token).status == 204)
        }
        let first = try await fixture.call("GET", "/v1/users/me/blocks?limit=2", token: token)
        let cursor = try #require(first.json["next_cursor"].string)
        let second = try await fixture.call("GET", "/v1/users/me/blocks?limit=2&cursor=\(cursor)", token: token)
        let ids = (first.json["items"].array + second.json["items"].array).compactMap { $0["user_id"].string }
        #expect(ids == others.sorted())
        #expect(try await fixture.call("GET", "/v1/users/me/mutes?cursor=\(cursor)", token: token).status == 422)
        #expect(try await fixture.call("DELETE", "/v1/users/me/blocks/\(others[0])", token: token).status == 204)
        let rest = try await fixture.call("GET", "/v1/users/me/blocks", token: token)
        #expect(rest.json["items"].array.count == 2)
    }

    @Test func `only an admin sees and changes others' accounts`() async throws {
        let fixture = try await UserServiceFixture()
        let id = try await fixture.register("linh@example.org")
        let user = try fixture.token(id)
        let admin = try #require(
            try await fixture.verify(UserServiceFixture.admin.email, UserServiceFixture.admin.password).json["user_id"]
                .string
        )
        let token = try fixture.token(admin, role: "admin")
        #expect(try await fixture.call("GET", "/v1/users", token: user).status == 403)
        #expect(try await fixture.call("GET", "/v1/users").status == 401)
        let all = try await fixture.call("GET", "/v1/users", token: token)
        #expect(all.json["items"].array.compactMap { $0["email"].string }.count == 2)
        let role = try await fixture.call("PUT", "/v1/users/\(id)/role", #"{"role":"staff"}"#, token: token)
        #expect(role.json["role"].string == "staff")
        let ban = try await fixture.call("PUT", "/v1/users/\(id)/ban", #"{"reason":"spam"}"#, token: token)
        #expect(ban.json["banned"].bool == true)
        #expect(try await fixture.verify("linh@example.org", "sau bay tam chin muoi").status == 403)
        #expect(try await fixture.call("DELETE", "/v1/users/\(id)/ban", token: token).status == 200)
        #expect(try await fixture.verify("linh@example.org", "sau bay tam chin muoi").json["role"].string == "staff")
        let shown = try await fixture.call("GET", "/v1/users/\(admin)", token: user)
        #expect(shown.json["handle"].string != nil)
        #expect(shown.json["email"].string == nil)
    }

    @Test func `an admin finds accounts by role, suspension, address and handle`() async throws {
        let fixture = try await UserServiceFixture()
        let (admin, ids) = (try await fixture.adminToken(), try await fixture.register(["an", "binh", "chi"]))
        let role = try await fixture.call("PUT", "/v1/users/\(ids[0])/role", #"{"role":"staff"}"#, token: admin)
        #expect(role.status == 200)
        #expect(try await fixture.call("PUT", "/v1/users/\(ids[1])/ban", token: admin).status == 200)
        func found(_ query: String) async throws -> [String] {
            let page = try await fixture.call("GET", "/v1/users?\(query)", token: admin)
            #expect(page.status == 200, "\(page.body)")
            return page.json["items"].array.compactMap { $0["id"].string }
        }
        #expect(try await found("role=staff") == [ids[0]])
        #expect(try await found("banned=true") == [ids[1]])
        #expect(try await found("role=staff&banned=true").isEmpty)
        #expect(try await found("q=CHI@example.org") == [ids[2]])
        #expect(try await Set(found("q=linh_nguyen")) == Set(ids))
        let first = try await fixture.call("GET", "/v1/users?q=Linh_Nguy%E1%BB%85n&limit=2", token: admin)
        let cursor = try #require(first.json["next_cursor"].string)
        let rest = try await found("q=Linh_Nguy%E1%BB%85n&limit=2&cursor=\(cursor)")
        #expect(Set(rest + first.json["items"].array.compactMap { $0["id"].string }) == Set(ids) && rest.count == 1)
        #expect(try await fixture.call("GET", "/v1/users?cursor=\(cursor)", token: admin).status == 422)
        for wrong in ["role=king", "banned=no", "q=", "q=%00"] {
            #expect(try await fixture.call("GET", "/v1/users?\(wrong)", token: admin).status == 422, "\(wrong)")
        }
    }

    @Test func `what an admin does is kept with who did it, and a suspension ends when it should`() async throws {
        let fixture = try await UserServiceFixture()
        let (admin, id) = (try await fixture.adminToken(), try await fixture.register("linh@example.org"))
        let past = #"{"until":"2020-01-01T00:00:00Z"}"#
        #expect(try await fixture.call("PUT", "/v1/users/\(id)/ban", past, token: admin).status == 422)
        let until = WallClock.system.now.adding(milliseconds: 700)
        let body = #"{"reason":"spam","until":"\#(until)"}"#
        let ban = try await fixture.call("PUT", "/v1/users/\(id)/ban", body, token: admin)
        #expect(ban.json["banned_until"].string == "\(until)")
        try await eventually("the suspension ends") {
            try await fixture.verify("linh@example.org", "sau bay tam chin muoi").status == 200
        }
        let acts = try await fixture.call("GET", "/v1/users/\(id)/acts", token: admin).json["items"].array
        #expect(acts.compactMap { $0["act"].string } == ["unbanned", "banned"])
        #expect(acts.last?["detail"].string == "spam")
        #expect(acts.last?["admin_id"].string != nil && acts.first?["admin_id"] == .null)
        let user = try fixture.token(id)
        #expect(try await fixture.call("GET", "/v1/users/\(id)/acts", token: user).status == 403)
        #expect(!fixture.service.log.contains("bans failed"))
    }

    @Test func `an account survives a crash right after its answer`() async throws {
        let fixture = try await UserServiceFixture()
        _ = try await fixture.register("linh@example.org")
        try await fixture.service.kill()
        let restarted = try ServiceProcess(
            "user",
            environment: ["DATA_DIR": fixture.directory.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"]
        )
        try await eventually("the service answers again") {
            PortProbe.httpStatus(restarted.port, path: "/livez", timeoutMilliseconds: 500) == 200
        }
        let body = #"{"email":"linh@example.org","password":"sau bay tam chin muoi"}"#
        let headers = ["Authorization": fixture.secret.authorization]
        let url = restarted.url + "/internal/v1/credentials/verify"
        #expect(try await Curl.request("POST", url, json: body, headers: headers).status == 200)
    }
}
