import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct LikeTests {
    private let owner = Identifier.version7(at: WallClock.system.now)
    private let photo = Identifier.version7(at: WallClock.system.now)

    private func person() -> Identifier { .version7(at: WallClock.system.now) }

    private func like<Name: EventName>(_ type: Name.Type, by user: Identifier) -> LikeChange<Name> {
        LikeChange<Name>(
            targetType: .media,
            targetID: photo,
            targetOwnerID: owner,
            userID: user,
            count: 1,
            timestamp: WallClock.system.now
        )
    }

    private func added(by user: Identifier) -> LikeAdded { like(LikeChangeName.Added.self, by: user) }

    private func removed(by user: Identifier) -> LikeRemoved { like(LikeChangeName.Removed.self, by: user) }

    private func expect(_ message: String?, _ rig: NotificationRig, _ service: ServiceProcess) async throws {
        try await eventually("the inbox says \(message ?? "nothing")", within: 20) {
            try await rig.messages(of: owner, service) == (message.map { [$0] } ?? [])
        }
    }

    @Test func `likes of a photo are one notification that is right after unlikes, replays and a kill`() async throws {
        let rig = try await NotificationRig()
        var service = try await rig.service()
        let an = person()
        for (user, name) in [(owner, "Ngọc"), (an, "An")] {
            try await rig.register(user, email: "\(user)@example.com", name: name)
            try await rig.waitForProfile(of: user)
        }
        let others = (0..<42).map { _ in person() }
        try await rig.publish(added(by: owner))
        for user in others.prefix(41) { try await rig.publish(added(by: user)) }
        let last = try Event(added(by: an), at: WallClock.system.now)
        try await rig.producer.send(last)
        try await expect("An và 41 người khác đã thích ảnh của bạn.", rig, service)
        try await service.kill()
        try await rig.producer.send(last)
        service = try await rig.service()
        try await rig.publish(removed(by: others[0]))
        try await expect("An và 40 người khác đã thích ảnh của bạn.", rig, service)
        for user in others.dropFirst().prefix(40) { try await rig.publish(removed(by: user)) }
        try await expect("An đã thích ảnh của bạn.", rig, service)
        try await rig.publish(removed(by: an))
        try await expect(nil, rig, service)
        try await rig.publish(added(by: others[41]))
        try await expect("Ai đó đã thích ảnh của bạn.", rig, service)
    }

    @Test func `what was read comes back as unread once`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let list = "\(service.url)/v1/notifications"
        let token = try rig.token(for: owner)
        func isRead() async throws -> Bool? {
            try await rig.inbox(of: owner, service).first.map { $0["read_at"].string != nil }
        }
        try await rig.register(owner, email: "ngoc@example.com", locale: "en")
        try await rig.waitForProfile(of: owner)
        for (count, message) in ["", " and 1 other", " and 2 others"].enumerated() {
            try await rig.publish(added(by: person()))
            try await expect("Someone\(message) liked your photo.", rig, service)
            #expect(try await isRead() == (count == 2))
            #expect(try await Curl.request("POST", "\(list)/read-all", token: token).status == 204)
        }
    }

    @Test func `nobody hears of people whom they mute or block, or who block them`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (muted, blocked, blocking, friend) = (person(), person(), person(), person())
        let now = WallClock.system.now
        try await rig.publish(UserMuted(userID: owner, targetID: muted, timestamp: now))
        try await rig.publish(UserBlocked(userID: owner, targetID: blocked, timestamp: now))
        try await rig.publish(UserBlocked(userID: blocking, targetID: owner, timestamp: now))
        try await rig.waitForRows(3, in: "relations")
        for user in [muted, blocked, blocking] { try await rig.publish(added(by: user)) }
        try await rig.publish(added(by: friend))
        try await expect("Ai đó đã thích ảnh của bạn.", rig, service)
        try await rig.publish(UserUnmuted(userID: owner, targetID: muted, timestamp: now))
        try await rig.waitForRows(2, in: "relations")
        try await rig.publish(added(by: person()))
        try await expect("Ai đó và 2 người khác đã thích ảnh của bạn.", rig, service)
    }

    @Test func `thousands of likes are a handful of frames`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let token = try rig.token(for: owner)
        let stream = Task {
            try await Command.run(
                "curl",
                [
                    "-sN", "--max-time", "8", "-H", "Authorization: Bearer \(token)",
                    "\(service.url)/v1/notifications/stream",
                ]
            )
        }
        let count = 3000
        for _ in 0..<count { try await rig.producer.send(Event(added(by: person()), at: WallClock.system.now)) }
        try await expect("Ai đó và \(count - 1) người khác đã thích ảnh của bạn.", rig, service)
        let frames = try await stream.value.output.split(separator: "event: notification").count - 1
        #expect((0...12).contains(frames))
        #expect(rig.outcomes(of: "in_app") == [NotificationDelivered.type])
    }
}
