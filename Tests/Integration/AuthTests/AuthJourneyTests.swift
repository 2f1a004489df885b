import Contracts
import Security
import ServiceKit
import System
import TestSupport
import Testing

@Suite(.serialized) struct AuthJourneyTests {
    @Test func `a log-in gives tokens that PyJWT accepts by the served key set`() async throws {
        let stack = try await AuthStack()
        let answer = try await stack.logIn()
        #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
        let token = try #require(answer.json["access_token"].string)
        let program = """
            import sys, urllib.request, json, jwt
            keys = jwt.PyJWKSet.from_dict(json.load(urllib.request.urlopen(sys.argv[1])))
            head = jwt.get_unverified_header(sys.argv[2])
            key = [k for k in keys.keys if k.key_id == head["kid"]][0]
            claims = jwt.decode(sys.argv[2], key.key, algorithms=["EdDSA"], audience="marquee", issuer="marquee-auth",
                                options={"require": ["exp", "iat", "nbf", "sub", "sid", "jti", "roles"]})
            assert head["typ"] == "at+jwt" and claims["exp"] - claims["nbf"] == 900, claims
            print(claims["sub"])
            """
        let judged = try await Command.python(program, [stack.auth.url + "/.well-known/jwks.json", token])
        #expect(judged.status.isSuccess, "\(judged.output)")
        #expect(judged.output.contains(AuthStack.userID.description))
    }

    @Test func `refreshes move on, tabs get the same successor, an old token ends the session`() async throws {
        let stack = try await AuthStack()
        let first = try #require(try await stack.logIn().json["refresh_token"].string)
        async let one = stack.refresh(first)
        async let two = stack.refresh(first)
        let successors = try await [one, two].map { $0.json["refresh_token"].string }
        let second = try #require(successors[0])
        #expect(successors[0] == successors[1] && second != first)
        let third = try await stack.refresh(second)
        #expect(third.status == 200)
        let reused = try await stack.refresh(first)
        #expect(reused.status == 401 && reused.json["code"].string == "refresh_token_reused")
        let dead = try await stack.refresh(try #require(third.json["refresh_token"].string))
        #expect(dead.json["code"].string == "invalid_refresh_token")
        let token = try #require(third.json["access_token"].string)
        try await eventually("the access token is refused") {
            try await stack.get("/v1/auth/sessions", token: token).json["code"].string == "token_revoked"
        }
    }

    @Test func `a log-out ends the sessions that its scope names`() async throws {
        let stack = try await AuthStack()
        var tokens: [String] = []
        for _ in 0..<3 { tokens.append(try #require(try await stack.logIn().json["access_token"].string)) }
        #expect(try await stack.get("/v1/auth/sessions", token: tokens[0]).json["items"].array.count == 3)
        #expect(try await stack.post("/v1/auth/logout?scope=others", token: tokens[0]).status == 204)
        try await eventually("the others are refused") {
            let statuses = try await [
                stack.get("/v1/auth/sessions", token: tokens[1]).status,
                stack.get("/v1/auth/sessions", token: tokens[2]).status,
            ]
            return statuses == [401, 401]
        }
        let left = try await stack.get("/v1/auth/sessions", token: tokens[0])
        #expect(left.json["items"].array.count == 1 && left.json["items"][0]["current"].bool == true)
        let types = try await stack.get("/v1/auth/audit", token: tokens[0]).json["items"].array.map {
            $0["type"].string
        }
        #expect(types.filter { $0 == "auth.logged-out" }.count == 2)
        #expect(types.filter { $0 == "auth.login-succeeded" }.count == 3)
    }

    @Test func `a ban ends tokens and refreshes at once, a change of role shows in the next token`() async throws {
        let stack = try await AuthStack()
        let first = try await stack.logIn().json
        let token = try #require(first["access_token"].string)
        try await stack.publish(
            UserRoleChanged(userID: AuthStack.userID, role: .moderator, timestamp: WallClock.system.now)
        )
        try await eventually("the old role is refused") {
            try await stack.get("/v1/auth/sessions", token: token).json["code"].string == "token_revoked"
        }
        let second = try await stack.refresh(try #require(first["refresh_token"].string)).json
        let promoted = try #require(second["access_token"].string)
        let known = try await stack.post("/v1/auth/introspect", #"{"token":"\#(promoted)"}"#, token: promoted)
        #expect(known.json["roles"][0].string == "moderator")
        try await stack.publish(UserBanned(userID: AuthStack.userID, timestamp: WallClock.system.now))
        try await eventually("the banned user is refused") {
            try await stack.get("/v1/auth/sessions", token: promoted).json["code"].string == "token_revoked"
        }
        let refused = try await stack.refresh(try #require(second["refresh_token"].string))
        #expect(refused.json["code"].string == "invalid_refresh_token")
    }

    @Test func `nobody but an admin looks into another's trail, and who tries leaves a mark`() async throws {
        let stack = try await AuthStack()
        let token = try #require(try await stack.logIn().json["access_token"].string)
        let other = Identifier.version7(at: WallClock.system.now)
        #expect(try await stack.get("/v1/auth/audit?user_id=\(other)", token: token).status == 403)
        let own = try await stack.get("/v1/auth/audit?user_id=\(AuthStack.userID)", token: token)
        #expect(own.json["items"][0]["type"].string == "auth.access-denied")
        #expect(own.json["items"][0]["reason"].string == "audit_of_another")
    }

    @Test func `guessing is slowed down alike for known and unknown accounts`() async throws {
        let stack = try await AuthStack(rules: [
            RateLimitRule("few", counts: .failedLogIns, scope: .account, quota: 2, windowSeconds: 900)
        ])
        for email in ["nobody@example.org", "linh@example.org"] {
            var answers = [try await stack.logIn(email: email, password: "wrong")]
            // On a slow machine a wait of a second is over before the next try; each failure doubles it.
            while answers.last?.status == 401, answers.count < 8 {
                answers.append(try await stack.logIn(email: email, password: "wrong"))
            }
            #expect(answers.count > 2)
            let refused = try #require(answers.last)
            #expect(refused.status == 429 && refused.headers["retry-after"] != nil)
            #expect(refused.headers["ratelimit-policy"] == #""failed-log-ins";q=2;w=900"#)
            #expect(refused.json["violated-policies"][0].string == "failed-log-ins")
        }
        try await eventually("the wait is over") { try await stack.logIn().status == 200 }
    }

    @Test func `strangers who guess do not lock out a device that has logged in before`() async throws {
        let stack = try await AuthStack(rules: [
            RateLimitRule("few", counts: .failedLogIns, scope: .account, quota: 2, windowSeconds: 900)
        ])
        let first = try await stack.logIn()
        let set = try #require(first.headers["set-cookie"])
        #expect(set.contains("HttpOnly") && set.contains("SameSite=Strict"))
        let cookie = String(set.prefix { $0 != ";" })
        try await eventually("the account is locked for a while", within: 40) {
            let wait = try await stack.logIn(password: "wrong").headers["retry-after"].flatMap(Int.init)
            return wait ?? 0 > 4
        }
        // A cookie that was made up helps nobody.
        #expect(try await stack.logIn(cookie: cookie.dropLast(3) + "AAA").status == 429)
        let known = try await stack.logIn(cookie: cookie)
        #expect(known.status == 200 && known.headers["set-cookie"] == nil)
        // What the device guesses is counted too.
        var guesses = 0
        while try await stack.logIn(password: "wrong", cookie: cookie).status == 401, guesses < 12 { guesses += 1 }
        #expect(guesses < 12)
    }

    @Test func `sessions are listed with device, network and last use`() async throws {
        let stack = try await AuthStack()
        let token = try #require(try await stack.logIn().json["access_token"].string)
        let item = try await stack.get("/v1/auth/sessions", token: token).json["items"][0]
        #expect(item["device"].string == "curl" && item["address_prefix"].string == "127.0.0.0/24")
        #expect(item["last_used_at"].string == item["created_at"].string && item["current"].bool == true)
    }

    @Test func `a change of keys is felt by nobody`() async throws {
        let stack = try await AuthStack(role: .admin, environment: ["KEY_LEAD_SECONDS": "3"])
        let url = stack.auth.url + "/.well-known/jwks.json"
        let checker = TokenChecker(
            issuer: "marquee-auth",
            audience: "marquee",
            keys: try JSONWebKeySet(json: Array(try await Curl.request("GET", url).body.utf8)).keys,
            revocations: RevocationList(clock: .system),
            fetchKeys: { try JSONWebKeySet(json: Array(try await Curl.request("GET", url).body.utf8)) }
        )
        let old = try #require(try await stack.logIn().json["access_token"].string)
        let changed = try await stack.post("/v1/auth/keys", token: old)
        #expect(changed.status == 201 && changed.json["active_from"].string != nil)
        let next = try #require(changed.json["kid"].string)
        #expect(try await stack.post("/v1/auth/keys", token: old).json["kid"].string == next)
        #expect(try await stack.get("/.well-known/jwks.json").body.contains(next))
        var kids: Set<String> = []
        try await eventually("the next key signs", within: 30) {
            let token = try #require(try await stack.logIn().json["access_token"].string)
            kids.insert(String(token.prefix { $0 != "." }))
            _ = try await checker.check(token)
            _ = try await checker.check(old)
            #expect(try await stack.get("/v1/auth/sessions", token: token).status == 200)
            #expect(try await stack.get("/v1/auth/sessions", token: old).status == 200)
            return kids.count == 2
        }
    }

    @Test func `without User a log-in is 503 and sessions go on`() async throws {
        let stack = try await AuthStack()
        let session = try await stack.logIn()
        stack.stopUser()
        try await eventually("User is gone") { try await stack.logIn().status == 503 }
        let refreshed = try await stack.refresh(try #require(session.json["refresh_token"].string))
        #expect(refreshed.status == 200)
    }

    @Test func `Auth ends in good order when it is asked to`() async throws {
        let stack = try await AuthStack()
        #expect(try await stack.logIn().status == 200)
        #expect(try await stack.auth.stop().isSuccess)
    }
}
