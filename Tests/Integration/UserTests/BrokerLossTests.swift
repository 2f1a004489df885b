import System
import TestSupport
import Testing

/// What User does when the broker goes away and comes back.
@Suite(.serialized) struct BrokerLossTests {
    @Test func `with the broker away admin routes refuse, all else goes on, and both heal by themselves`() async throws
    {
        let port = try PortProbe.freePort()
        let data = try TemporaryDirectory()
        let environment = ["PORT": String(port), "DATA_DIR": data.appending("broker")]
        let broker = try ServiceProcess("broker", environment: environment)
        let fixture = try await UserServiceFixture(
            broker: "127.0.0.1:\(port)",
            environment: ["REVOCATION_SILENCE_SECONDS": "5"]
        )
        try await fixture.service.waitUntilReady()
        let admin = try await fixture.adminToken()
        let user = try fixture.token(try await fixture.register("linh@example.org"))
        try await eventually("the feed is alive") {
            try await fixture.call("GET", "/readyz?verbose").json["checks"]["feed auth-events alive"].string?
                .hasPrefix("ok, whole at 20") ?? false
        }
        #expect(try await fixture.call("GET", "/v1/users", token: admin).status == 200)
        try await broker.kill()
        try await eventually("admin routes refuse", within: 30) {
            let refused = try await fixture.call("GET", "/v1/users", token: admin)
            return refused.status == 503 && refused.json["code"].string == "unavailable"
        }
        #expect(try await fixture.call("GET", "/v1/users/me", token: user).status == 200)
        let readiness = try await fixture.call("GET", "/readyz?verbose")
        #expect(readiness.status == 200)
        #expect(readiness.json["checks"]["feed auth-events alive"].string?.hasPrefix("degraded") == true)
        let metrics = try await fixture.call("GET", "/metrics").body
        #expect(metrics.contains("eventbus_feed_connected{topics=\"auth-events\"} 0\n"))
        #expect(metrics.contains("\nprocess_resident_memory_bytes "))
        let back = try ServiceProcess("broker", environment: environment)
        try await eventually("admin routes answer again", within: 40) {
            try await fixture.call("GET", "/v1/users", token: admin).status == 200
        }
        #expect(try await fixture.service.stop().isSuccess)
        #expect(try await back.stop().isSuccess)
    }

    @Test func `a service stops in good order and in time without a broker, and keeps what it could not send`()
        async throws
    {
        let broker = try ServiceProcess("broker")
        let fixture = try await UserServiceFixture(
            broker: "127.0.0.1:\(broker.port)",
            environment: ["SHUTDOWN_SECONDS": "4"]
        )
        try await fixture.service.waitUntilReady()
        try await broker.kill()
        _ = try await fixture.register("linh@example.org")
        let start = MonotonicClock.nanoseconds
        #expect(try await fixture.service.stop().isSuccess, "\(fixture.service.log.suffix(1000))")
        #expect(MonotonicClock.nanoseconds - start < 8_000_000_000)
        #expect(try await fixture.outboxCount() > 0)
    }

    @Test func `a service that never saw a broker stops in time`() async throws {
        let fixture = try await UserServiceFixture(environment: ["SHUTDOWN_SECONDS": "4"])
        #expect(try await fixture.service.stop().isSuccess, "\(fixture.service.log.suffix(1000))")
    }
}
