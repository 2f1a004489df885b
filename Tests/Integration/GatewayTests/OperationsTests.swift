import Contracts
import EventBus
import Synchronization
import System
import TestSupport
import Testing

/// What operators see of the stack and its log.
@Suite(.serialized) struct OperationsTests {
    private static let lettersTopic = "media-events.notification.dlq"

    private func kcat(_ rig: GatewayRig, _ arguments: String, input: String = "") async throws -> String {
        let servers = rig.kafka.properties["bootstrap.servers"] ?? ""
        let command = "printf %s '\(input)' | kcat -q -b \(servers) \(arguments)"
        let result = try await Command.run("sh", ["-c", command], within: 20)
        #expect(result.status == .exited(0), "\(result.output)")
        return result.output
    }

    @Test func `each process is shown with its state, version and memory, and one that is away as unreachable`()
        async throws
    {
        let nobody = try PortProbe.freePort()
        let rig = try await GatewayRig(["MEDIA_URL": "http://127.0.0.1:\(nobody)", "BROKER_URL": ""])
        let answer = try await rig.get("/v1/admin/services", token: try rig.adminToken())
        #expect(answer.status == 200)
        let items = answer.json["items"].array
        let gateway = try #require(items.first { $0["name"].string == "gateway" })
        #expect(gateway["state"].string == "ready" && gateway["checks"]["upstream media"].string != nil)
        #expect((gateway["memory_bytes"].int ?? 0) > 1_000_000 && gateway["version"].string != nil)
        #expect(items.first { $0["name"].string == "media" }?["state"].string == "unreachable")
        #expect(!items.contains { $0["name"].string == "broker" })
    }

    @Test func `records are shown without their payloads, and with them once that is told`() async throws {
        let rig = try await GatewayRig()
        let admin = Identifier.version7(at: WallClock.system.now)
        let token = try rig.mint.token(for: admin, roles: ["admin"])
        let told = Mutex<[PayloadsRead]>([])
        let consumer = try rig.follow(.auditEvents) { event, _ in
            if let entry = try? event.decode(PayloadsRead.self) { told.withLock { $0.append(entry) } }
        }
        for number in 0..<3 {
            _ = try await kcat(rig, "-P -t notes -k k -p 0 -H n=\(number)", input: "secret")
        }
        let topics = try await rig.get("/v1/admin/topics?limit=200", token: token)
        let notes = try #require(topics.json["items"].array.first { $0["name"].string == "notes" })
        #expect(notes["records"].int == 3 && notes["partitions"][0]["end"].int == 3)

        let masked = try await rig.get("/v1/admin/topics/notes/records?offset=1", token: token)
        try #require(masked.status == 200 && !masked.body.contains("secret"), "\(masked)")
        let items = masked.json["items"].array
        #expect(items.map { $0["offset"].int } == [1, 2] && items[0]["headers"]["n"].string == "1")
        #expect(items[0]["key"].string == "k" && items[0]["size"].int == 6)
        #expect(told.withLock(\.self).isEmpty)

        let shown = try await rig.get("/v1/admin/topics/notes/records?payload=true&limit=2", token: token)
        #expect(shown.json["items"].array.map { $0["value"].string } == ["secret", "secret"])
        #expect(shown.json["next_offset"].int == 3)
        try await eventually("the look is told") { told.withLock { $0.count } == 1 }
        let entry = told.withLock { $0[0] }
        #expect(entry.userID == admin && entry.readTopic == "notes" && entry.offset == 1 && entry.count == 2)
        await consumer.stop()
    }

    @Test(arguments: [
        ("/v1/admin/topics/nothing/records", 404), ("/v1/admin/topics/notes/records?partition=99", 404),
        ("/v1/admin/topics/notes/records?offset=9", 422), ("/v1/admin/topics/notes/records?limit=0", 422),
        ("/v1/admin/topics/notes/records?payload=yes", 422), ("/v1/admin/topics?limit=0", 422),
        ("/v1/admin/topics?cursor=no", 422),
    ])
    func `what is not there or cannot be meant is refused`(path: String, status: Int) async throws {
        let rig = try await GatewayRig()
        _ = try await kcat(rig, "-P -t notes -p 0", input: "one")
        #expect(try await rig.get(path, token: try rig.adminToken()).status == status)
    }

    @Test func `only admins look, and only while the broker is there`() async throws {
        let rig = try await GatewayRig()
        let user = try rig.mint.token(for: .version7(at: WallClock.system.now))
        let paths = ["services", "topics", "topics/policy-events/records", "groups", "dlq"]
        for path in paths {
            #expect(try await rig.get("/v1/admin/" + path).status == 401)
            #expect(try await rig.get("/v1/admin/" + path, token: user).status == 403)
            #expect(try await rig.get("/v1/admin/" + path, token: try rig.adminToken()).status == 200)
        }
        try await rig.stopBroker()
        let answer = try await rig.get("/v1/admin/topics", token: try rig.adminToken())
        #expect(answer.status == 503 && answer.json["code"].string == "unavailable")
    }

    @Test func `a group is shown with how far it is behind`() async throws {
        let rig = try await GatewayRig()
        let token = try rig.adminToken()
        for _ in 0..<5 { _ = try await kcat(rig, "-P -t notes -p 0", input: "one") }
        _ = try await kcat(rig, "-c 2 -X auto.offset.reset=earliest -G readers notes")
        let groups = try await rig.get("/v1/admin/groups", token: token)
        let group = try #require(groups.json["items"].array.first { $0["name"].string == "readers" })
        #expect(group["lag"].int == 3 && group["state"].string == "Empty")
        #expect(group["offsets"][0]["topic"].string == "notes" && group["offsets"][0]["committed"].int == 2)
    }

    @Test func `dead letters go back in order, each once, whole, and it is told who sent them`() async throws {
        let rig = try await GatewayRig()
        let token = try rig.adminToken()
        let told = Mutex<[DeadLettersRedriven]>([])
        let consumer = try rig.follow(.auditEvents) { event, _ in
            if let entry = try? event.decode(DeadLettersRedriven.self) { told.withLock { $0.append(entry) } }
        }
        for number in 0..<3 {
            let arguments = "-P -t \(Self.lettersTopic) -p 0 -k key-\(number) -H dlq.offset=\(number)"
            _ = try await kcat(rig, arguments, input: "value-\(number)")
        }
        let before = try await rig.get("/v1/admin/dlq", token: token)
        #expect(before.json["items"].array.count == 1)
        #expect(before.json["items"][0]["source"].string == "media-events")
        #expect(before.json["items"][0]["group"].string == "notification")
        #expect(before.json["items"][0]["pending"].int == 3 && before.json["items"][0]["records"].int == 3)

        let path = rig.url + "/v1/admin/dlq/\(Self.lettersTopic)/redrive"
        for (limit, sent, left) in [(2, 2, 1), (1000, 1, 0), (1000, 0, 0)] {
            let answer = try await Curl.request("POST", path, json: "{\"limit\":\(limit)}", token: token)
            #expect(answer.status == 200 && answer.json["redriven"].int == sent && answer.json["pending"].int == left)
        }
        let sent = try await kcat(
            rig,
            "-C -t media-events.notification.redrive -e -f '%k %s %h|'"
        )
        #expect(sent == "key-0 value-0 dlq.offset=0|key-1 value-1 dlq.offset=1|key-2 value-2 dlq.offset=2|")
        try await eventually("who did it is told") { told.withLock { $0.count } == 3 }
        let refused = [("media-events.notification.redrive", 404), ("media-events.other.dlq", 404)]
        for (topic, status) in refused {
            let other = rig.url + "/v1/admin/dlq/\(topic)/redrive"
            #expect(try await Curl.request("POST", other, json: "{}", token: token).status == status)
        }
        #expect(try await Curl.request("POST", path, json: "{\"limit\":0}", token: token).status == 422)
        #expect(told.withLock { $0.count } == 3)
        await consumer.stop()
    }
}
