import Contracts
import System
import TestSupport
import Testing

/// The second factor against the running service; pyotp is the authenticator app.
@Suite(.serialized) struct SecondFactorTests {
    /// What pyotp shows for a secret, so many steps from now.
    private func code(_ secret: String, steps: Int = 0) async throws -> String {
        let program = """
            import sys, time, pyotp
            print(pyotp.TOTP(sys.argv[1]).at(int(time.time()) + 30 * int(sys.argv[2])))
            """
        let run = try await Command.python(program, [secret, String(steps)])
        return String(run.output.filter(\.isNumber))
    }

    /// Sets the second factor up; the session has shown it then.
    private func enrol(_ stack: AuthStack) async throws -> (token: String, secret: String, recoveryCodes: [String]) {
        let token = try #require(try await stack.logIn().json["access_token"].string)
        let enrolment = try await stack.post("/v1/auth/mfa/totp", token: token)
        #expect(enrolment.status == 200 && enrolment.headers["cache-control"] == "no-store")
        let secret = try #require(enrolment.json["secret"].string)
        let verified = try await stack.post(
            "/v1/auth/mfa/totp/verify",
            #"{"code":"\#(try await code(secret, steps: -1))"}"#,
            token: token
        )
        #expect(verified.status == 200)
        return (token, secret, verified.json["recovery_codes"].array.compactMap(\.string))
    }

    private func complete(_ stack: AuthStack, _ token: String, _ member: String, _ code: String) async throws
        -> Curl.Response
    {
        try await stack.post("/v1/auth/mfa/login", #"{"mfa_token":"\#(token)","\#(member)":"\#(code)"}"#)
    }

    private func mfaToken(_ stack: AuthStack) async throws -> String {
        let answer = try await stack.logIn()
        #expect(answer.status == 200 && answer.json["mfa_required"].bool == true)
        #expect(answer.json["access_token"].string == nil && answer.headers["set-cookie"] == nil)
        return try #require(answer.json["mfa_token"].string)
    }

    @Test func `a log-in needs the app's code, which counts once`() async throws {
        let stack = try await AuthStack()
        let (_, secret, _) = try await enrol(stack)
        let now = try await code(secret)
        let first = try await complete(stack, try await mfaToken(stack), "code", now)
        #expect(first.status == 200 && first.json["refresh_token"].string != nil)
        let again = try await complete(stack, try await mfaToken(stack), "code", now)
        #expect(again.status == 401 && again.json["code"].string == "invalid_code")
        let spent = try await complete(stack, "no such log-in", "code", now)
        #expect(spent.status == 401 && spent.json["code"].string == "invalid_mfa_token")
    }

    @Test func `a recovery code stands in once, however it is typed`() async throws {
        let stack = try await AuthStack()
        let (token, _, codes) = try await enrol(stack)
        try #require(Set(codes).count == 10)
        let typed = codes[0].uppercased().replacing("-", with: " ")
        #expect(try await complete(stack, try await mfaToken(stack), "recovery_code", typed).status == 200)
        let again = try await complete(stack, try await mfaToken(stack), "recovery_code", codes[0])
        #expect(again.json["code"].string == "invalid_code")
        let state = try await stack.get("/v1/auth/mfa/totp", token: token)
        #expect(state.json["enabled"].bool == true && state.json["recovery_codes_left"].int == 9)
        let types = try await stack.get("/v1/auth/audit", token: token).json["items"].array.map { $0["type"].string }
        #expect(types.contains("auth.recovery-code-used") && types.contains("auth.mfa-enabled"))
    }

    @Test func `guessing ends the log-in and then makes every further one wait`() async throws {
        let stack = try await AuthStack()
        let (_, secret, codes) = try await enrol(stack)
        try #require(codes.count == 10)
        let token = try await mfaToken(stack)
        for _ in 0..<5 {
            let wrong = try await complete(stack, token, "code", "12345")
            #expect(wrong.json["code"].string == "invalid_code")
        }
        let over = try await complete(stack, token, "code", try await code(secret))
        #expect(over.json["code"].string == "invalid_mfa_token")
        let next = try await mfaToken(stack)
        var answers: [Curl.Response] = []
        while answers.last?.status != 429, answers.count < 5 {
            answers.append(try await complete(stack, next, "recovery_code", "aaaaa-aaaaa"))
        }
        let refused = try #require(answers.last)
        #expect(refused.status == 429 && refused.headers["retry-after"] != nil)
        try await eventually("the wait is over", within: 40) {
            try await complete(stack, try await mfaToken(stack), "recovery_code", codes[0]).status == 200
        }
    }

    @Test func `only a session that has shown it may end it`() async throws {
        let stack = try await AuthStack()
        let older = try #require(try await stack.logIn().json["access_token"].string)
        let (token, secret, _) = try await enrol(stack)
        let path = stack.auth.url + "/v1/auth/mfa/totp"
        #expect(try await stack.post("/v1/auth/mfa/totp", token: token).status == 409)
        let refused = try await Curl.request("DELETE", path, token: older)
        #expect(refused.status == 403 && refused.json["code"].string == "mfa_required")
        let session = try await complete(stack, try await mfaToken(stack), "code", try await code(secret))
        let good = try #require(session.json["access_token"].string)
        #expect(try await Curl.request("DELETE", path, token: good).status == 204)
        #expect(try await Curl.request("DELETE", path, token: good).status == 404)
        #expect(try await stack.logIn().json["access_token"].string != nil)
    }

    @Test func `a factor beside a short password ends for nobody before the password is longer`() async throws {
        let stack = try await AuthStack()
        let (token, secret, _) = try await enrol(stack)
        let path = stack.auth.url + "/v1/auth/mfa/totp"
        stack.setPassword(isShort: true)
        let refused = try await Curl.request("DELETE", path, token: token)
        #expect(refused.status == 409 && refused.json["code"].string == "password_too_short")
        let session = try await complete(stack, try await mfaToken(stack), "code", try await code(secret))
        #expect(session.status == 200, "the factor stands")
        stack.setPassword(isShort: false)
        #expect(try await Curl.request("DELETE", path, token: token).status == 204)
        #expect(try await stack.logIn().json["access_token"].string != nil)
    }

    @Test func `a wrong first code sets nothing up`() async throws {
        let stack = try await AuthStack()
        let token = try #require(try await stack.logIn().json["access_token"].string)
        #expect(try await stack.post("/v1/auth/mfa/totp/verify", #"{"code":"000000"}"#, token: token).status == 409)
        #expect(try await stack.post("/v1/auth/mfa/totp", token: token).status == 200)
        for code in ["", "abcdef", "٠١٢٣٤٥"] {
            let answer = try await stack.post("/v1/auth/mfa/totp/verify", #"{"code":"\#(code)"}"#, token: token)
            #expect(answer.status == 401 && answer.json["code"].string == "invalid_code")
        }
        #expect(try await stack.logIn().json["access_token"].string != nil)
        for body in ["{}", #"{"mfa_token":"x"}"#, #"{"mfa_token":"x","code":"1","recovery_code":"2"}"#] {
            #expect(try await stack.post("/v1/auth/mfa/login", body).status == 422)
        }
    }
}
