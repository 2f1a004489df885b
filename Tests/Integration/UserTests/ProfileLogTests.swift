import System
import TestSupport
import Testing

/// What the log itself forgets: `user-profiles` alone holds names and addresses, and it is compacted.
struct ProfileLogTests {
    /// Sets how soon the broker compacts a topic.
    private static let hasten = """
        import json, os, sys
        from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
        admin = AdminClient({"bootstrap.servers": sys.argv[1], **json.loads(os.environ["TEST_KAFKA_LOGIN"])})
        entry = ConfigEntry("max.compaction.lag.ms", "1000", incremental_operation=AlterConfigOpType.SET)
        topic = ConfigResource(ConfigResource.Type.TOPIC, "user-profiles", incremental_configs=[entry])
        for result in admin.incremental_alter_configs([topic]).values(): result.result(timeout=10)
        """

    @Test func `names and addresses leave the log when their account is gone, and old ones when they change`()
        async throws
    {
        let data = try TemporaryDirectory()
        let broker = try ServiceProcess("broker", environment: ["DATA_DIR": data.path])
        let server = "127.0.0.1:\(broker.port)"
        try await eventually("the broker listens") { PortProbe.accepts(broker.port, timeoutMilliseconds: 200) }
        let fixture = try await UserServiceFixture(broker: server)
        try await fixture.service.waitUntilReady()
        let ids = try await fixture.register(["gone.person", "kept.person"])
        let tag = try await fixture.call("GET", "/v1/users/me", token: fixture.token(ids[1])).headers["etag"]
        let renamed = try await fixture.call(
            "PATCH",
            "/v1/users/me",
            #"{"display_name":"An Khác"}"#,
            token: fixture.token(ids[1]),
            headers: ["If-Match": try #require(tag)]
        )
        #expect(renamed.status == 200)
        #expect(try await fixture.call("DELETE", "/v1/users/me", token: fixture.token(ids[0])).status == 202)
        try await eventually("all of it is in the log") {
            let bytes = try await bytes(in: data)
            return bytes.contains("gone.person") && bytes.contains("An Khác")
        }
        let set = try await Command.python(Self.hasten, [server])
        try #require(set.status.isSuccess, "\(set.output)")
        try await eventually("what is over is in no segment", within: 90) {
            let bytes = try await bytes(in: data)
            return !bytes.contains("gone.person") && bytes.components("kept.person") == 1 && bytes.contains("An Khác")
        }
        let arguments = ["-b", server, "-C", "-q", "-t", "user-profiles", "-o", "beginning", "-e", "-f", "%k %s\\n"]
        let records = try await Command.run("kcat", arguments, within: 15).output
        #expect(records.split(separator: "\n").count { $0.hasPrefix(ids[1]) } == 1)
        #expect(records.contains("An Khác") && !records.contains("gone.person"))
    }

    /// All segments of the topic.
    private func bytes(in data: TemporaryDirectory) async throws -> String {
        let script = "find \"$0\" -path '*/user-profiles-*' -name '*.log' -exec cat {} + | tr -d '\\0'"
        return try await Command.run("bash", ["-c", script, data.path]).output
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(_ text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
