import System
import TestSupport
import Testing

/// User with a broker, both processes of their own, read by a client that is not ours.
struct UserDeliveryTests {
    @Test func `a sign-up reaches the log by key, with its profile, and a redelivered log-in is told once`()
        async throws
    {
        let broker = try ServiceProcess("broker")
        try await eventually("the broker listens") {
            try await kcat(broker.port, ["-L"]).contains("broker")
        }
        let fixture = try await UserServiceFixture(broker: "127.0.0.1:\(broker.port)")
        try await fixture.service.waitUntilReady()
        let id = try await fixture.register("linh@example.org")
        let registered = try await eventually("the event is in the log") {
            try await records("user-events", broker.port).first { $0.contains(id) && $0.contains("user.registered") }
        }
        #expect(registered.hasPrefix(id + " "))
        let profile = try await eventually("the profile is in the log") {
            try await records("user-profiles", broker.port).first { $0.contains("linh@example.org") }
        }
        #expect(profile.contains("\"display_name\":\"Linh Nguyễn\""))
        #expect(!registered.contains("linh@example.org"))

        let login = #"{"account":"\#(id)","user_id":"\#(id)","timestamp":"2025-03-19T10:00:00.000Z"}"#
        let event = Identifier.version7(at: WallClock.system.now).description
        for _ in 0..<2 { try await produce(login, key: id, event: event, to: broker.port) }
        try await eventually("the log-in is told on") {
            try await records("user-events", broker.port).contains { $0.contains("user.logged-in") }
        }
        _ = try await fixture.register("next@example.org")
        try await eventually("the next event is in the log") {
            try await records("user-events", broker.port).count { $0.contains("user.registered") } >= 3
        }
        let told = try await records("user-events", broker.port).count { $0.contains("user.logged-in") }
        #expect(told == 1)
        #expect(try await fixture.service.stop().isSuccess)
    }

    private func kcat(_ port: UInt16, _ arguments: [String]) async throws -> String {
        try await Command.run("kcat", ["-b", "127.0.0.1:\(port)"] + arguments, within: 15).output
    }

    /// Key, headers and value of each record of a topic, a line each.
    private func records(_ topic: String, _ port: UInt16) async throws -> [String] {
        let output = try await kcat(port, ["-C", "-q", "-t", topic, "-o", "beginning", "-e", "-f", "%k %h %s\\n"])
        return output.split(separator: "\n").map(String.init)
    }

    private func produce(_ value: String, key: String, event: String, to port: UInt16) async throws {
        let directory = try TemporaryDirectory()
        let headers = [
            "ce_specversion=1.0", "ce_id=\(event)", "ce_source=/auth", "ce_type=auth.login-succeeded",
            "ce_time=2025-03-19T10:00:00.000Z", "content-type=application/json",
        ]
        let arguments = ["-P", "-t", "auth-events", "-k", key] + headers.flatMap { ["-H", $0] }
        let file = try directory.write(value, to: "value")
        _ = try await kcat(port, arguments + [file])
    }
}
