import Contracts
import Security
import System
import TestSupport
import Testing

@Suite(.serialized) struct PasswordRecoveryTests {
    private func ask(_ stack: AuthStack, _ email: String = "linh@example.org") async throws -> Curl.Response {
        try await stack.post("/v1/auth/password/forgot", #"{"email":"\#(email)"}"#)
    }

    private func reset(_ stack: AuthStack, _ token: String, _ password: String) async throws -> Curl.Response {
        try await stack.post("/v1/auth/password/reset", #"{"token":"\#(token)","new_password":"\#(password)"}"#)
    }

    /// The secrets in the mails so far.
    private func secrets(_ sink: MailSink) -> [String] {
        sink.messages.compactMap { $0.secret(of: "reset-password") }
    }

    private func stack(_ sink: MailSink, locale: String = "en") async throws -> AuthStack {
        let stack = try await AuthStack(environment: ["SMTP_URL": sink.url, "PUBLIC_URL": "https://marquee.test"])
        try await stack.introduce(locale: locale)
        try await eventually("the account is known and mailed", within: 20) {
            _ = try await ask(stack)
            return !secrets(sink).isEmpty
        }
        return stack
    }

    @Test func `the secret of the mail sets the password once and ends every session`() async throws {
        let sink = try await MailSink()
        let stack = try await stack(sink, locale: "vi")
        let mail = try #require(sink.messages.first)
        #expect(mail.recipients == ["linh@example.org"] && mail.text.contains("Content-Language: vi"))
        let session = try await stack.logIn().json
        let token = try #require(secrets(sink).first)
        let weak = try await reset(stack, token, "short")
        #expect(weak.status == 422 && weak.json["code"].string == "weak_password")
        #expect(weak.json["errors"][0]["pointer"].string == "/new_password")
        #expect(try await reset(stack, token, "correct horse battery").status == 204)
        #expect(stack.passwords.last == "correct horse battery")
        let again = try await reset(stack, token, "another long password")
        #expect(again.status == 422 && again.json["code"].string == "invalid_link")
        let dead = try await stack.refresh(try #require(session["refresh_token"].string))
        #expect(dead.json["code"].string == "invalid_refresh_token")
        let access = try #require(session["access_token"].string)
        try await eventually("the access token is refused") {
            try await stack.get("/v1/auth/sessions", token: access).json["code"].string == "token_revoked"
        }
        #expect(try await stack.logIn().status == 401)
        let fresh = try await stack.logIn(password: "correct horse battery")
        let trail = try await stack.get("/v1/auth/audit", token: fresh.json["access_token"].string)
        let types = trail.json["items"].array.map { $0["type"].string }
        #expect(types.contains("auth.password-reset") && types.contains("auth.password-reset-requested"))
    }

    @Test func `another address ends the links that the old one got`() async throws {
        let sink = try await MailSink()
        let stack = try await stack(sink)
        let token = try #require(secrets(sink).last)
        let weak = try await reset(stack, token, "short")
        #expect(weak.json["code"].string == "weak_password", "the link is good")
        try await stack.publish(UserEmailChanged(userID: AuthStack.userID, timestamp: WallClock.system.now))
        try await eventually("the link is worth nothing") {
            try await reset(stack, token, "short").json["code"].string == "invalid_link"
        }
    }

    @Test func `a link asked for before the new address was known here ends with it as well`() async throws {
        let sink = try await MailSink()
        let stack = try await stack(sink)
        let token = try #require(secrets(sink).last)
        try await stack.introduce(email: "linh@elsewhere.example")
        try await eventually("the link is worth nothing") {
            try await reset(stack, token, "short").json["code"].string == "invalid_link"
        }
    }

    @Test func `of two who use a secret at once, one sets the password`() async throws {
        let sink = try await MailSink()
        let stack = try await stack(sink)
        let token = try #require(secrets(sink).first)
        async let one = reset(stack, token, "the first password")
        async let two = reset(stack, token, "the second password")
        #expect(try await [one.status, two.status].sorted() == [204, 422])
        #expect(stack.passwords.count == 2)
    }

    @Test func `whoever asks learns nothing, and an account is not flooded with mails`() async throws {
        let sink = try await MailSink()
        let stack = try await stack(sink)
        let known = try await ask(stack)
        let unknown = try await ask(stack, "nobody@example.org")
        #expect(known.status == 202 && unknown.status == 202 && known.body == unknown.body)
        for _ in 0..<6 { #expect(try await ask(stack, "LINH@Example.org").status == 202) }
        try await eventually("three mails are sent") { sink.messages.count == 3 }
        // Later requests were looked at when one of another account would have been: nothing is queued.
        #expect(try await ask(stack, "nobody@example.org").status == 202)
        let recipients = Set(sink.messages.flatMap(\.recipients))
        #expect(recipients == ["linh@example.org"] && sink.messages.count == 3)
        for body in ["{}", #"{"email":""}"#, #"{"email":7}"#, #"{"email":"a@b.c","x":1}"#] {
            #expect(try await stack.post("/v1/auth/password/forgot", body).status == 422)
        }
        for token in ["", "x", String(repeating: "A", count: 5000)] {
            #expect(try await reset(stack, token, "long enough words").json["code"].string == "invalid_link")
        }
    }

    @Test func `without User the secret stays good, and a mail server that is away is waited for`() async throws {
        let sink = try await MailSink(answers: ["451 later"])
        let stack = try await stack(sink)
        let token = try #require(secrets(sink).first)
        stack.stopUser()
        try await eventually("User is gone") { try await reset(stack, token, "long enough words").status == 503 }
        let answer = try await reset(stack, token, "long enough words")
        #expect(answer.json["code"].string == "unavailable")
    }
}
