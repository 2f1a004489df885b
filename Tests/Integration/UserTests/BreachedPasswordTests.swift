import Security
import ServiceKit
import System
import TestSupport
import Testing

/// New passwords against a range service of stolen ones.
@Suite(.serialized) struct BreachedPasswordTests {
    private static let stolen = "bay con meo den thui"
    /// Only in the padding, which means nothing.
    private static let padded = "tam con cho vang hoe"
    private static let own = "chin con ga trong choai"

    private func signUp(_ name: String, _ password: String, _ fixture: UserServiceFixture) async throws -> Curl.Response
    {
        let body = #"{"email":"\#(name)@example.org","password":"\#(password)","display_name":"Mai"}"#
        return try await fixture.call("POST", "/v1/users", body)
    }

    private func checks(_ outcome: String, _ fixture: UserServiceFixture) async throws -> Int {
        let metrics = try await fixture.call("GET", "/metrics").body.split(separator: "\n")
        let line = metrics.first { $0.hasPrefix("user_breach_checks_total{outcome=\"\(outcome)\"}") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    @Test func `a stolen password is refused wherever one is set, and five digits are all that leaves`() async throws {
        let server = try await RangeServer(knowing: [Self.stolen], padding: [Self.padded])
        let fixture = try await UserServiceFixture(environment: ["BREACHED_PASSWORDS_URL": server.url + "/"])
        let refused = try await signUp("mai", Self.stolen, fixture)
        #expect(refused.status == 422 && refused.json["code"].string == "weak_password", "\(refused.body)")
        #expect(refused.json["errors"][0]["code"].string == "breached")
        let made = try await signUp("mai", Self.padded, fixture)
        try #require(made.status == 201, "\(made.body)")
        let id = try #require(made.json["id"].string)

        let change = #"{"current_password":"\#(Self.padded)","new_password":"\#(Self.stolen)"}"#
        let changed = try await fixture.call("PUT", "/v1/users/me/password", change, token: fixture.token(id))
        #expect(changed.status == 422 && changed.json["errors"][0]["code"].string == "breached")
        let reset = #"{"user_id":"\#(id)","password":"\#(Self.stolen)"}"#
        let headers = ["Authorization": fixture.secret.authorization]
        let set = try await fixture.call("POST", "/internal/v1/credentials/set", reset, headers: headers)
        #expect(set.status == 422 && set.json["errors"][0]["code"].string == "breached")
        #expect(try await fixture.verify("mai@example.org", Self.padded).status == 200)

        let digests = [UserServiceFixture.admin.password, Self.stolen, Self.padded].map {
            Hexadecimal.encode(HashFunction.sha1.digest($0)).uppercased()
        }
        // Each range is asked for once, log-ins ask for none.
        #expect(server.questions == digests.map { "/range/\($0.prefix(5)) true" })
        #expect(try await checks("breached", fixture) == 3)
        #expect(try await checks("unknown", fixture) == 2)
        let log = fixture.service.log
        for secret in digests.map({ String($0.prefix(5)) }) + [Self.stolen, Self.padded] {
            #expect(!log.uppercased().contains(secret.uppercased()))
        }
    }

    @Test func `a range service that fails or hangs keeps nobody out, and that is counted`() async throws {
        let server = try await RangeServer(knowing: [Self.stolen])
        let fixture = try await UserServiceFixture(environment: ["BREACHED_PASSWORDS_URL": server.url])
        try server.set(.fails)
        #expect(try await signUp("mai", Self.stolen, fixture).status == 201)
        try server.set(.hangs)
        let start = MonotonicClock.nanoseconds
        #expect(try await signUp("lan", Self.own, fixture).status == 201)
        // A second for the service, the rest for a hash on a busy machine.
        #expect(MonotonicClock.nanoseconds - start < 8_000_000_000)
        #expect(try await checks("failed", fixture) == 2)
        // No answer was kept for one.
        try server.set(.answers)
        #expect(try await signUp("nga", Self.stolen, fixture).json["errors"][0]["code"].string == "breached")
        #expect(fixture.service.log.contains("no answer about breached passwords"))
    }

    @Test func `nobody is asked unless an operator says whom`() async throws {
        let fixture = try await UserServiceFixture()
        #expect(try await signUp("mai", Self.stolen, fixture).status == 201)
        #expect(try await !fixture.call("GET", "/metrics").body.contains("user_breach_checks"))
    }
}
