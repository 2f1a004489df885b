import TestSupport
import Testing

extension EndToEnd {
    @Suite struct RateLimitTests {
        @Test func `a policy that an admin sets holds at the gateway and at Auth`() async throws {
            try await RunningStack.with { stack in
                let admin = try await stack.administrator()
                let path = "/v1/admin/rate-limits"
                let policy = """
                    {"rules":[
                    {"name":"movies","scope":"address","method":"GET","route":"/v1/movies","quota":2,"window_seconds":600},
                    {"name":"guesses","counts":"failed_log_ins","scope":"account","quota":2,"window_seconds":600}]}
                    """
                _ = try await stack.call(
                    "PUT",
                    path,
                    policy,
                    token: admin,
                    headers: ["If-Match": "\"0\""],
                    status: 200
                )
                var statuses: [Int] = []
                for _ in 0..<3 {
                    statuses.append(try await Curl.request("GET", stack.url + "/v1/movies").status)
                }
                #expect(statuses == [200, 200, 429])
                try await eventually("Auth goes by the policy") {
                    let answer = try await Curl.request(
                        "POST",
                        stack.url + "/v1/auth/login",
                        json: #"{"email":"nobody@example.org","password":"wrong password"}"#
                    )
                    return answer.status == 429
                        && answer.headers["ratelimit-policy"]?.contains(#""failed-log-ins";q=2;w=600"#) == true
                }
            }
        }
    }
}
