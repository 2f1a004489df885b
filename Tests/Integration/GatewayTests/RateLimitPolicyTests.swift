import System
import TestSupport
import Testing

/// `GET` and `PUT /v1/admin/rate-limits` of real gateways and a real broker.
@Suite(.serialized) struct RateLimitPolicyTests {
    private static let path = "/v1/admin/rate-limits"

    private func put(
        _ url: String,
        _ rules: String,
        ifMatch tag: String?,
        token: String?
    ) async throws -> Curl.Response {
        let headers = tag.map { ["If-Match": $0] } ?? [:]
        return try await Curl.request("PUT", url + Self.path, json: rules, token: token, headers: headers)
    }

    private func policy(_ url: String, _ token: String) async throws -> Curl.Response {
        try await Curl.request("GET", url + Self.path, token: token)
    }

    private let tight =
        #"{"rules":[{"name":"tight","scope":"address","route":"/v1/movies/*","quota":2,"window_seconds":600}]}"#
    private let wide =
        #"{"rules":[{"name":"tight","scope":"address","route":"/v1/movies/*","quota":9,"window_seconds":600}]}"#

    @Test func `an admin's policy is in effect at once, survives a restart and holds at every gateway`() async throws {
        let rig = try await GatewayRig()
        let admin = try rig.adminToken()
        let another = try await rig.startAnother()
        let built = try await policy(rig.url, admin)
        #expect(built.status == 200 && built.headers["etag"] == "\"0\"")
        #expect(built.json["rules"].array.map { $0["name"].string }.contains("sign-ups"))
        let set = try await put(rig.url, tight, ifMatch: "\"0\"", token: admin)
        #expect(set.status == 200, "\(set.body)")
        let tag = try #require(set.headers["etag"])
        #expect(tag != "\"0\"" && set.json["rules"].array.count == 1)
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(try await rig.get("/v1/movies").status) }
        #expect(statuses == [503, 503, 429])
        #expect(try await rig.get("/v1/bookings").status == 503)
        try await eventually("the other gateway has it") {
            try await policy(another.url, admin).headers["etag"] == tag
        }
        try await rig.restartGateway()
        let restarted = try await policy(rig.url, admin)
        #expect(restarted.headers["etag"] == tag && restarted.body == set.body)
        // Whoever has not seen the last policy does not replace it; who has, raises a limit and begins anew.
        #expect(try await put(another.url, wide, ifMatch: "\"0\"", token: admin).status == 412)
        for _ in 0..<3 { statuses.append(try await rig.get("/v1/movies").status) }
        #expect(statuses.last == 429)
        #expect(try await put(another.url, wide, ifMatch: tag, token: admin).status == 200)
        try await eventually("the first gateway has it") { try await rig.get("/v1/movies").status == 503 }
        let shown = try await Curl.request("GET", rig.url + Self.path, token: admin, headers: ["If-None-Match": tag])
        #expect(shown.status == 200)
    }

    @Test func `a policy is refused as a whole, and an admin can always put one right`() async throws {
        let rig = try await GatewayRig()
        let admin = try rig.adminToken()
        let user = try rig.mint.token(for: .version7(at: WallClock.system.now))
        #expect(try await put(rig.url, tight, ifMatch: "\"0\"", token: nil).status == 401)
        #expect(try await put(rig.url, tight, ifMatch: "\"0\"", token: user).status == 403)
        #expect(try await put(rig.url, tight, ifMatch: nil, token: admin).status == 428)
        #expect(try await put(rig.url, tight, ifMatch: "\"7\"", token: admin).status == 412)
        let wrong = """
            {"rules":[{"name":"a","scope":"address","quota":0,"window_seconds":60},
            {"name":"a","scope":"route","quota":1,"window_seconds":100000,"burst":2},
            {"name":"Allowed!","scope":"account","quota":1,"window_seconds":1,"method":"FETCH","route":"v1/../x"},
            {"name":"f","counts":"failed_log_ins","scope":"user","quota":1,"window_seconds":1}]}
            """
        let refused = try await put(rig.url, wrong, ifMatch: "\"0\"", token: admin)
        #expect(refused.status == 422)
        let pointers = refused.json["errors"].array.compactMap { $0["pointer"].string }
        #expect(
            pointers == [
                "/rules/0/quota", "/rules/1/window_seconds", "/rules/1/burst", "/rules/1/route", "/rules/1/name",
                "/rules/2/name", "/rules/2/method", "/rules/2/route", "/rules/2/scope", "/rules/3/scope",
            ]
        )
        let unknown = #"{"rules":[{"name":"a","scope":"address","quota":1,"window_seconds":60,"color":1}]}"#
        let strict = try await put(rig.url, unknown, ifMatch: "\"0\"", token: admin)
        #expect(strict.status == 422 && strict.json["code"].string == "unknown_field")
        let many = (0..<65).map { #"{"name":"r\#($0)","scope":"address","quota":1,"window_seconds":60}"# }
        let tooMany = #"{"rules":[\#(many.joined(separator: ","))]}"#
        #expect(try await put(rig.url, tooMany, ifMatch: "\"0\"", token: admin).status == 422)
        #expect(try await policy(rig.url, admin).headers["etag"] == "\"0\"")

        let shut = #"{"rules":[{"name":"shut","scope":"address","quota":1,"window_seconds":86400}]}"#
        let tag = try #require(try await put(rig.url, shut, ifMatch: "\"0\"", token: admin).headers["etag"])
        #expect(try await rig.get("/v1/movies").status == 503)
        #expect(try await rig.get("/v1/movies").status == 429)
        #expect(try await policy(rig.url, user).status == 429)
        #expect(try await put(rig.url, #"{"rules":[]}"#, ifMatch: tag, token: admin).status == 200)
        #expect(try await rig.get("/v1/movies").status == 503)
    }

    @Test func `a proposed policy is tried on the log, and nobody is refused by it`() async throws {
        let rig = try await GatewayRig()
        let admin = try rig.adminToken()
        let start = WallClock.system.now
        let user = Identifier.version7(at: start)
        let token = try rig.mint.token(for: user)
        for _ in 0..<4 { try await rig.get("/v1/movies") }
        for _ in 0..<3 { try await rig.get("/v1/bookings", token: token) }
        let proposal = """
            {"policy":{"rules":[
            {"name":"movies","scope":"address","method":"GET","route":"/v1/movies","quota":1,"window_seconds":600},
            {"name":"mine","scope":"user","quota":2,"window_seconds":600}]},
            "from":"\(start)","to":"\(start.adding(seconds: 600))"}
            """
        let path = rig.url + Self.path + "/simulate"
        let report = try await eventually("the log has them all", within: 20) { () -> JSON? in
            let answer = try await Curl.request("POST", path, json: proposal, token: admin)
            return answer.status == 200 && answer.json["requests"].int == 7 ? answer.json : nil
        }
        #expect(report["refused"].int == 4 && report["lost"].int == 0 && report["truncated"].bool == false)
        let rules = report["rules"].array
        #expect(rules.map { $0["name"].string } == ["movies", "mine"])
        #expect(rules.map { $0["applied"].int } == [4, 3] && rules.map { $0["refused"].int } == [3, 1])
        #expect(rules[0]["top"][0]["caller"].string == "127.0.0.0/24")
        #expect(rules[1]["top"][0]["caller"].string == user.description)
        #expect(try await rig.get("/v1/movies").status == 503)
        let wrong = proposal.replacing("\"quota\":2", with: "\"quota\":0")
        let refused = try await Curl.request("POST", path, json: wrong, token: admin)
        #expect(refused.json["errors"][0]["pointer"].string == "/policy/rules/1/quota")
        #expect(try await Curl.request("POST", path, json: proposal, token: token).status == 403)
    }

    @Test func `of two changes of the same version one is taken`() async throws {
        let rig = try await GatewayRig()
        let admin = try rig.adminToken()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for rules in [tight, wide, tight, wide] {
                group.addTask { try await put(rig.url, rules, ifMatch: "\"0\"", token: admin).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == 200 } == 1)
        #expect(answers.allSatisfy { [200, 412, 503].contains($0) })
        #expect(try await policy(rig.url, admin).headers["etag"] == "\"1\"")
    }

    @Test func `without the broker a policy cannot be set, and nothing changes when it is back`() async throws {
        let rig = try await GatewayRig()
        let admin = try rig.adminToken()
        try await rig.stopBroker()
        let refused = try await put(rig.url, tight, ifMatch: "\"0\"", token: admin)
        #expect(refused.status == 503 && refused.json["code"].string == "unavailable")
        #expect(refused.headers["retry-after"] != nil)
        try rig.startBroker()
        let set = try await eventually("the broker is back", within: 30) { () -> Curl.Response? in
            let answer = try await put(rig.url, wide, ifMatch: "\"0\"", token: admin)
            return answer.status == 200 ? answer : nil
        }
        #expect(set.headers["etag"] == "\"1\"" && set.json["rules"][0]["quota"].int == 9)
    }
}
