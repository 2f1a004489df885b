import Security
import System
import TestSupport
import Testing

/// The proof and the change of an address, with a mail server.
@Suite(.serialized) struct EmailTests {
    private let mails: MailSink
    private let fixture: UserServiceFixture

    init() async throws {
        mails = try await MailSink()
        fixture = try await UserServiceFixture(environment: ["SMTP_URL": mails.url])
    }

    /// The texts of the mails that an address got, in order.
    private func texts(to address: String) -> [String] {
        mails.messages.filter { $0.recipients == [address] }.map(\.body)
    }

    /// The secret of the mail that an address got as its `number`-th.
    private func secret(to address: String, number: Int = 1) async throws -> String {
        let text = try await eventually("mail \(number) to \(address)") {
            let texts = texts(to: address)
            return texts.count >= number ? texts[number - 1] : nil
        }
        let match = try #require(text.firstMatch(of: /#verify-email=([A-Za-z0-9_-]+)/), "\(text)")
        return String(match.1)
    }

    private func verify(_ secret: String, headers: [String: String] = [:]) async throws -> Curl.Response {
        try await fixture.call("POST", "/v1/users/email/verify", #"{"token":"\#(secret)"}"#, headers: headers)
    }

    private func change(to address: String, token: String, password: String = "sau bay tam chin muoi") async throws
        -> Curl.Response
    {
        let body = #"{"email":"\#(address)","current_password":"\#(password)"}"#
        return try await fixture.call("POST", "/v1/users/me/email", body, token: token)
    }

    @Test func `a mail proves the address of a new account, once`() async throws {
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        let before = try await fixture.call("GET", "/v1/users/me/email", token: token)
        #expect(before.json["verified"].bool == false && before.json["pending"]["email"].string == "linh@example.org")
        let secret = try await secret(to: "linh@example.org")
        #expect(try await verify("guess").json["code"].string == "invalid_link")
        #expect(try await verify(secret).status == 204)
        #expect(try await verify(secret).json["code"].string == "invalid_link")
        let after = try await fixture.call("GET", "/v1/users/me", token: token)
        #expect(after.json["email_verified"].bool == true)
        let again = try await fixture.call("POST", "/v1/users/me/email/verification", token: token)
        #expect(again.json["code"].string == "conflict")
        #expect(mails.messages.count == 1)
    }

    @Test func `a secret handed in again with its key gets the first answer`() async throws {
        _ = try await fixture.register("linh@example.org")
        let secret = try await secret(to: "linh@example.org")
        let key = ["Idempotency-Key": "one"]
        #expect(try await verify(secret, headers: key).status == 204)
        #expect(try await verify(secret, headers: key).status == 204)
    }

    @Test func `a new mail makes the secret of the former one worthless, and there are five an hour`() async throws {
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        let first = try await secret(to: "linh@example.org")
        let path = "/v1/users/me/email/verification"
        for _ in 1...5 { #expect(try await fixture.call("POST", path, token: token).status == 202) }
        let refused = try await fixture.call("POST", path, token: token)
        #expect(refused.status == 429 && refused.headers["retry-after"] != nil)
        #expect(try await verify(first).json["code"].string == "invalid_link")
        // Of six mails to one address the last was left out; its secret went nowhere.
        #expect(try await verify(secret(to: "linh@example.org", number: 5)).status == 422)
        #expect(texts(to: "linh@example.org").count == 5)
    }

    @Test func `an address changes when the new one confirms, and the old one is told of both`() async throws {
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        _ = try await secret(to: "linh@example.org")
        let wrong = try await change(to: "moi@example.org", token: token, password: "x")
        #expect(wrong.status == 422 && wrong.json["errors"][0]["pointer"].string == "/current_password")
        let asked = try await change(to: "Moi@Example.org", token: token)
        #expect(asked.status == 202 && asked.json["email"].string == "moi@example.org")
        let secret = try await secret(to: "moi@example.org")
        let me = try await fixture.call("GET", "/v1/users/me", token: token)
        #expect(me.json["email"].string == "linh@example.org")
        let confirmed = try await verify(secret)
        #expect(confirmed.status == 204 && confirmed.headers["event-position"]?.contains("user-events") == true)
        let changed = try await fixture.call("GET", "/v1/users/me", token: token)
        #expect(changed.json["email"].string == "moi@example.org" && changed.json["email_verified"].bool == true)
        #expect(try await fixture.verify("moi@example.org", "sau bay tam chin muoi").status == 200)
        #expect(try await fixture.verify("linh@example.org", "sau bay tam chin muoi").status == 401)
        let told = try await eventually("the old address is told") {
            let texts = texts(to: "linh@example.org").dropFirst()
            return texts.count == 2 ? Array(texts) : nil
        }
        #expect(told.allSatisfy { $0.contains("m…@example.org") && !$0.contains("#verify-email") })
    }

    @Test func `who asks for a taken address learns nothing, and its owner is told`() async throws {
        _ = try await fixture.register("an@example.org")
        _ = try await secret(to: "an@example.org")
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        let taken = try await change(to: "an@example.org", token: token)
        let free = try await change(to: "frei@example.org", token: token)
        #expect(taken.status == 202 && free.status == 202)
        #expect(taken.json["expires_at"].string != nil && taken.json["email"].string == "an@example.org")
        let told = try await eventually("the owner is told") {
            let texts = texts(to: "an@example.org")
            return texts.count == 2 ? texts.last : nil
        }
        #expect(!told.contains("#verify-email"))
    }

    @Test func `an address that two want is the first's`() async throws {
        let tokens = try await fixture.register(["an", "binh"]).map { try fixture.token($0) }
        for token in tokens { #expect(try await change(to: "chung@example.org", token: token).status == 202) }
        let first = try await secret(to: "chung@example.org", number: 1)
        let second = try await secret(to: "chung@example.org", number: 2)
        #expect(try await verify(second).status == 204)
        #expect(try await verify(first).json["code"].string == "email_taken")
    }

    @Test func `a change that is taken back cannot be confirmed`() async throws {
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        #expect(try await change(to: "moi@example.org", token: token).status == 202)
        let secret = try await secret(to: "moi@example.org")
        #expect(try await fixture.call("DELETE", "/v1/users/me/email/change", token: token).status == 204)
        #expect(try await verify(secret).status == 422)
        #expect(try await fixture.call("GET", "/v1/users/me/email", token: token).json["pending"] == .null)
    }

    @Test func `wrong passwords of somebody who is logged in run out`() async throws {
        let token = try fixture.token(try await fixture.register("linh@example.org"))
        for _ in 1...10 {
            #expect(try await change(to: "moi@example.org", token: token, password: "guess").status == 422)
        }
        #expect(try await change(to: "moi@example.org", token: token).status == 429)
        let body = #"{"current_password":"sau bay tam chin muoi","new_password":"mot hai ba bon nam"}"#
        #expect(try await fixture.call("PUT", "/v1/users/me/password", body, token: token).status == 429)
    }

    @Test func `mails and secrets lie in no file in the clear, and go with the account`() async throws {
        let elsewhere = try await UserServiceFixture(environment: ["SMTP_URL": "smtp://127.0.0.1:1"])
        let token = try elsewhere.token(try await elsewhere.register("linh@example.org"))
        #expect(try await elsewhere.rows("SELECT count(*) FROM secret_mails") == "1")
        let sealed = try await elsewhere.rows("SELECT sealed FROM secret_mails")
        #expect(!sealed.contains("verify-email") && !sealed.contains("linh"))
        #expect(try await elsewhere.call("DELETE", "/v1/users/me", token: token).status == 202)
        for table in ["secret_mails", "confirmations"] {
            #expect(try await elsewhere.rows("SELECT count(*) FROM \(table)") == "0", "\(table)")
        }
    }

    @Test func `an export holds everything of the account and says where the rest is`() async throws {
        let id = try await fixture.register("linh@example.org")
        let (token, other) = (try fixture.token(id), try await fixture.register("an@example.org"))
        #expect(try await fixture.call("PUT", "/v1/users/me/blocks/\(other)", token: token).status == 204)
        #expect(try await change(to: "moi@example.org", token: token).status == 202)
        let export = try await fixture.call("GET", "/v1/users/me/export", token: token)
        #expect(export.status == 200, "\(export.body)")
        #expect(export.headers["content-disposition"]?.contains("attachment") == true)
        #expect(export.json["account"]["email"].string == "linh@example.org")
        #expect(export.json["pending_email"]["email"].string == "moi@example.org")
        #expect(export.json["blocks"][0]["user_id"].string == other)
        let services = export.json["elsewhere"].array.compactMap { $0["service"].string }
        #expect(Set(services).isSuperset(of: ["auth", "media", "like", "comment", "chat", "notification", "booking"]))
        #expect(!export.body.contains("$argon2"))
    }
}
