import Contracts
import EventBus
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

/// Who is there, who writes and what is seen, over two processes.
struct PresenceTests {
    /// How a process says that somebody is; nil when it says nothing of them.
    private func state(
        of user: ChatRig.Person,
        for viewer: ChatRig.Person,
        _ chat: ServiceProcess
    ) async throws -> String? {
        let answer = try await chat.call("GET", "/presence?user_ids=\(user.id)", by: viewer)
        try #require(answer.status == 200, "\(answer.body)")
        return answer.json["items"].array.first?["state"].string
    }

    private func type(_ client: ChatClient, in room: String) throws {
        try client.send(["type": .string("typing"), "room_id": .string(room)])
    }

    private func typists(_ client: ChatClient) -> [[String]] {
        client.frames("typing").map { $0["user_ids"].array.compactMap(\.string) }
    }

    @Test func `who comes, writes and goes is seen at another process, and last seen there after a restart`()
        async throws
    {
        let rig = try await ChatRig()
        let (here, there) = (try rig.place(), try rig.place())
        let (one, two) = (try await rig.chat(at: here), try await rig.chat(at: there))
        let (lan, minh, stranger) = (
            try await rig.person("lan"), try await rig.person("minh"), try await rig.person("stranger")
        )
        let room = try await one.room(of: [minh], by: lan)
        let watching = try await ChatClient.hello(two.port, minh)
        let elsewhere = try await ChatClient.hello(two.port, stranger)
        let own = try await ChatClient.hello(one.port, lan)
        _ = try await watching.first { $0["type"].string == "presence" && $0["user_id"].string == lan.id.description }
        #expect(watching.frames("presence").last?["state"].string == "online")
        for chat in [one, two] {
            try await eventually("lan is online") { try await state(of: lan, for: minh, chat) == "online" }
            #expect(try await state(of: lan, for: stranger, chat) == nil)
        }
        try type(own, in: room)
        try await eventually("lan writes") { typists(watching) == [[lan.id.description]] }
        try own.say("Chào", as: "1", in: room)
        try await eventually("lan has written") { typists(watching).last == [] }
        own.close()
        try await eventually("lan is offline", within: 20) {
            watching.frames("presence").last?["state"].string == "offline"
        }
        #expect(elsewhere.frames("presence").isEmpty && elsewhere.frames("typing").isEmpty)
        try await two.kill()
        let again = try await rig.chat(at: there)
        try await eventually("what was told before is heard again") {
            let answer = try await again.call("GET", "/presence?user_ids=\(lan.id),\(lan.id)", by: minh).json
            #expect(answer["items"].array.count == 1)
            return answer["items"][0]["state"].string == "offline" && answer["items"][0]["last_seen_at"].string != nil
        }
    }

    @Test func `who blocks somebody is not shown to them, nor shown them`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh, mai) = (try await rig.person("lan"), try await rig.person("minh"), try await rig.person("mai"))
        let room = try await chat.room(of: [minh, mai], by: lan)
        try await rig.publish(UserBlocked(userID: lan.id, targetID: minh.id, timestamp: .now))
        try await eventually("the block is known") { try await state(of: lan, for: minh, chat) == nil }
        let (blocked, friend) = (
            try await ChatClient.hello(chat.port, minh), try await ChatClient.hello(chat.port, mai)
        )
        let own = try await ChatClient.hello(chat.port, lan)
        try type(own, in: room)
        try await eventually("a friend sees it") { typists(friend) == [[lan.id.description]] }
        try await eventually("a friend sees that she is there") {
            friend.frames("presence").contains { $0["user_id"].string == lan.id.description }
        }
        #expect(!blocked.frames("presence").contains { $0["user_id"].string == lan.id.description })
        #expect(!own.frames("presence").contains { $0["user_id"].string == minh.id.description })
        #expect(!typists(blocked).contains { !$0.isEmpty })
        #expect(try await state(of: minh, for: lan, chat) == nil)
    }

    @Test func `what is seen is told to other services once, as far as it goes`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let (lan, minh) = (try await rig.person("lan"), try await rig.person("minh"))
        let room = try await chat.room(of: [minh], by: lan)
        for number in 1...5 { _ = try await chat.say("tin", as: "m\(number)", in: room, by: lan) }
        let told = Told()
        let feed = try BroadcastConsumer(
            topics: [.presenceEvents],
            from: .beginning,
            kafka: KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(rig.broker.port)")),
            logger: Logger(label: "test", level: .error)
        ) { event, _ in told.add(event) }
        try feed.run()
        let client = try await ChatClient.hello(chat.port, minh)
        for seq in 1...5 {
            try client.send(["type": .string("read"), "room_id": .string(room), "seq": .number(Double(seq))])
        }
        try await eventually("the last is told") { told.seen.last?.seq == 5 }
        #expect(told.seen.count <= 3)
        #expect(told.seen.allSatisfy { $0.userID == minh.id && $0.roomID.description == room })
        await feed.stop()
    }

    @Test func `a question names at most a hundred people, by their ids`() async throws {
        let rig = try await ChatRig()
        let chat = try await rig.chat(at: rig.place())
        let lan = try await rig.person("lan")
        let many = (0...100).map { _ in Identifier.version7(at: .now).description }.joined(separator: ",")
        for query in ["", "?user_ids=", "?user_ids=lan", "?user_ids=\(lan.id),", "?user_ids=\(many)"] {
            #expect(try await chat.call("GET", "/presence\(query)", by: lan).status == 422, "\(query.prefix(40))")
        }
        #expect(try await chat.call("GET", "/presence?user_ids=\(lan.id)").status == 401)
    }
}

/// What was told to have been seen.
private final class Told: Sendable {
    private let events = Mutex<[PresenceSeen]>([])

    var seen: [PresenceSeen] { events.withLock(\.self) }

    func add(_ event: Event) {
        guard let seen = try? event.decode(PresenceSeen.self) else { return }
        events.withLock { $0.append(seen) }
    }
}
