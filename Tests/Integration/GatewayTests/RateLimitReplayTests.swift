import Contracts
import EventBus
import FoundationEssentials
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// The simulation held against what real gateways did: real requests, many at once, above the limits.
@Suite(.serialized) struct RateLimitReplayTests {
    private static let path = "/v1/admin/rate-limits"

    /// Rules whose bursts are short and fill again while requests come.
    private static let first = [
        RateLimitRule("address", scope: .address, quota: 400, windowSeconds: 10, burst: 12),
        RateLimitRule(
            "movies",
            scope: .route,
            method: "GET",
            route: "/v1/movies/*",
            quota: 300,
            windowSeconds: 10,
            burst: 9
        ),
        RateLimitRule("orders", scope: .address, method: "POST", route: "/v1/bookings", quota: 5, windowSeconds: 60),
        RateLimitRule("user", scope: .user, quota: 200, windowSeconds: 10, burst: 6),
    ]

    /// One rule stays as it is and keeps its counts, the others begin anew.
    private static let second = [
        first[3],
        RateLimitRule("address", scope: .address, quota: 300, windowSeconds: 10, burst: 15),
        RateLimitRule("one-movie", scope: .route, route: "/v1/movies/{id}", quota: 100, windowSeconds: 10, burst: 4),
        RateLimitRule("my-orders", scope: .user, method: "POST", route: "/v1/bookings", quota: 3, windowSeconds: 60),
    ]

    private struct Call: Sendable {
        let id: String
        let line: String
        let address: String
        let token: String?
    }

    /// What a gateway answered, by the request's id.
    private final class Answers: Sendable {
        let statuses = Mutex<[String: Int]>([:])
        var count: Int { statuses.withLock(\.count) }
        func refused(_ prefix: String) -> Set<String> {
            statuses.withLock { Set($0.filter { $0.key.hasPrefix(prefix) && $0.value == 429 }.keys) }
        }
    }

    /// Calls by chance: of networks that share a prefix, with tokens good, bad and none, of routes and of none.
    private static func calls(_ name: String, _ count: Int, tokens: [String]) -> [Call] {
        let lines = [
            "GET /v1/movies", "GET /v1/movies/7", "HEAD /v1/movies/8", "POST /v1/bookings",
            "GET /v1/bookings/7/tickets",
            "GET /v1/nothing/at/all", "GET /v1/movies?q=1",
        ]
        let addresses = ["10.1.1.1", "10.1.1.2", "10.1.1.3", "10.2.2.2", "2001:db8:1:1::7", "2001:db8:1:2::7"]
        return (0..<count).map { number in
            let token = [nil, "bad"] + tokens.map { $0 }
            return Call(
                id: "\(name)-\(number)",
                line: lines.randomElement() ?? "GET /",
                address: addresses.randomElement() ?? "::1",
                token: token.randomElement() ?? nil
            )
        }
    }

    private func send(_ calls: [Call], to port: UInt16, _ answers: Answers) async throws {
        let group = try EventLoopGroup(count: 2)
        defer { group.shutdown() }
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for worker in 0..<8 {
                let loop = group.loops[worker % 2]
                tasks.addTask {
                    try await loop.run {
                        for index in stride(from: worker, to: calls.count, by: 8) {
                            try await send(calls[index], to: address, on: loop, answers)
                        }
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func send(_ call: Call, to address: SocketAddress, on loop: EventLoop, _ answers: Answers) async throws {
        let client = RawConnection(try await Connection.connect(to: address, on: loop, until: .soon))
        defer { client.connection.close() }
        let token = call.token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let fields = "X-Forwarded-For: \(call.address)\r\nX-Request-Id: \(call.id)\r\nContent-Length: 0\r\n\(token)"
        try await client.send("\(call.line) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(fields)\r\n")
        let words = try await client.readAll().prefix(20).split(separator: " ")
        let status = try #require(words.count > 1 ? Int(words[1]) : nil)
        answers.statuses.withLock { $0[call.id] = status }
    }

    /// Puts a policy in force and returns an instant at which nobody else called: before it all others, after it none.
    private func put(_ rules: [RateLimitRule], on rig: GatewayRig, _ admin: String) async throws -> Timestamp {
        let before = WallClock.system.now
        let tag = try await Curl.request("GET", rig.url + Self.path, token: admin).headers["etag"]
        let body = String(decoding: try JSONEncoder().encode(["rules": rules]), as: UTF8.self)
        let headers = ["If-Match": tag ?? ""]
        let set = try await Curl.request("PUT", rig.url + Self.path, json: body, token: admin, headers: headers)
        #expect(set.status == 200, "\(set.body)")
        return before.adding(milliseconds: (WallClock.system.now.milliseconds - before.milliseconds) / 2)
    }

    private func simulate(
        _ rules: [RateLimitRule],
        _ span: (Timestamp, Timestamp),
        on rig: GatewayRig,
        _ admin: String
    ) async throws -> JSON {
        let policy = String(decoding: try JSONEncoder().encode(["rules": rules]), as: UTF8.self)
        let body = #"{"policy":\#(policy),"from":"\#(span.0)","to":"\#(span.1)"}"#
        let answer = try await Curl.request("POST", rig.url + Self.path + "/simulate", json: body, token: admin)
        #expect(answer.status == 200, "\(answer.body)")
        return answer.json
    }

    @Test func `the policy in force refuses the same requests again, over changes and restarts`() async throws {
        let rig = try await GatewayRig(["TRUSTED_PROXIES": "127.0.0.0/8", "EVENT_LOOPS": "2"])
        let admin = try rig.adminToken()
        let tokens = try (0..<3).map { _ in try rig.mint.token(for: .version7(at: WallClock.system.now)) }
        let answers = Answers()
        let entries = Mutex<[String: GatewayRequest]>([:])
        let consumer = try rig.follow(.gatewayRequests) { event, _ in
            guard let entry = try? event.decode(GatewayRequest.self), entry.judgedAt != nil else { return }
            entries.withLock { $0[entry.requestID] = entry }
        }
        let start = try await put(Self.first, on: rig, admin)
        try await send(Self.calls("a", 600, tokens: tokens), to: rig.port, answers)
        let middle = try await put(Self.second, on: rig, admin)
        try await send(Self.calls("b1", 300, tokens: tokens), to: rig.port, answers)
        try await rig.restartGateway()
        try await send(Self.calls("b2", 500, tokens: tokens), to: rig.port, answers)
        let end = WallClock.system.now.adding(seconds: 60)
        try await eventually("all are in the log", within: 30) { entries.withLock(\.count) == answers.count }
        await consumer.stop()

        let refused = Set(entries.withLock { $0.filter { $0.value.decision != "allowed" }.keys })
        #expect(refused == answers.refused(""))
        #expect(entries.withLock { $0.values.allSatisfy { $0.dropped == 0 } })
        for (rules, span, name, count) in [
            (Self.first, (start, middle), "a", 600), (Self.second, (middle, end), "b", 800),
        ] {
            let report = try await simulate(rules, span, on: rig, admin)
            #expect(report["requests"].int == count && report["lost"].int == 0)
            #expect(report["refused"].int == answers.refused(name).count)
            #expect(report["newly_refused"].int == 0 && report["newly_allowed"].int == 0, "\(report)")
            let refusing = Set(
                entries.withLock { entries in
                    entries.values.filter { $0.requestID.hasPrefix(name) && $0.decision != "allowed" }.map(\.decision)
                }
            )
            let replayed = report["rules"].array.filter { $0["refused"].int != 0 }.compactMap { $0["name"].string }
            #expect(refusing.count > 2 && refusing.isSubset(of: replayed), "\(refusing) \(report)")
        }
        // The other policy would have done something else, and none would have refused nobody.
        let other = try await simulate(Self.first, (middle, end), on: rig, admin)
        #expect((other["newly_refused"].int ?? 0) > 0 && (other["newly_allowed"].int ?? 0) > 0)
        let none = try await simulate([], (start, end), on: rig, admin)
        #expect(none["refused"].int == 0 && none["newly_allowed"].int == refused.count)
    }

    @Test func `a stricter policy refuses each caller's requests beyond its burst, at each gateway`() async throws {
        let rig = try await GatewayRig(["TRUSTED_PROXIES": "127.0.0.0/8"])
        let admin = try rig.adminToken()
        let start = WallClock.system.now
        let answers = Answers()
        for round in 0..<2 {
            let calls = (0..<30).map { number in
                let line = number < 20 ? "GET /v1/movies/\(number)" : "GET /v1/bookings"
                return Call(id: "\(round)-\(number)", line: line, address: "10.0.0.\(number % 2)", token: nil)
            }
            try await send(calls, to: rig.port, answers)
            try await rig.restartGateway()
        }
        #expect(answers.refused("").isEmpty)
        let strict = [RateLimitRule("few", scope: .address, route: "/v1/movies/{id}", quota: 3, windowSeconds: 86_400)]
        let report = try await eventually("the log has them all", within: 20) { () -> JSON? in
            let end = WallClock.system.now.adding(seconds: 1)
            let report = try await simulate(strict, (start, end), on: rig, admin)
            return report["requests"].int == 60 ? report : nil
        }
        // Two addresses of one network, ten requests each, seven too many, before the restart and after it.
        #expect(report["refused"].int == 28 && report["newly_refused"].int == 28 && report["newly_allowed"].int == 0)
        #expect(report["rules"][0]["applied"].int == 40 && report["rules"][0]["callers"].int == 1)
        #expect(report["rules"][0]["top"][0]["caller"].string == "10.0.0.0/24")
    }
}
