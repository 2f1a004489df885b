import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct ChatTests {
    private let room = Identifier.version7(at: WallClock.system.now)
    private let an = Self.person()
    private let binh = Self.person()
    private let chi = Self.person()

    private static func person() -> Identifier { .version7(at: WallClock.system.now) }

    private func created(_ type: ChatRoomType, _ title: String?, by creator: Identifier, _ members: [Identifier])
        -> ChatRoomCreated
    {
        ChatRoomCreated(
            roomID: room,
            roomType: type,
            title: title,
            creatorID: creator,
            memberIDs: [creator] + members,
            timestamp: WallClock.system.now
        )
    }

    private func message(by author: Identifier, _ body: String = "Chào") -> ChatMessageSent {
        ChatMessageSent(
            messageID: Self.person(),
            roomID: room,
            authorID: author,
            clientMessageID: Self.person().description,
            body: body,
            timestamp: WallClock.system.now
        )
    }

    private func seen(by user: Identifier, at time: Timestamp = WallClock.system.now) -> PresenceSeen {
        PresenceSeen(userID: user, roomID: room, seq: 1, timestamp: time)
    }

    private func unread(_ user: Identifier, _ rig: NotificationRig, _ service: ServiceProcess) async throws -> Int? {
        let url = "\(service.url)/v1/notifications/unread-count"
        return try await Curl.request("GET", url, token: rig.token(for: user)).json["unread_count"].int
    }

    @Test func `members hear once of what is written until they have read it, and who looks hears nothing`()
        async throws
    {
        let rig = try await NotificationRig()
        var service = try await rig.service()
        let (muted, outsider) = (Self.person(), Self.person())
        try await rig.register(an, email: "an@example.com", name: "An")
        try await rig.waitForProfile(of: an)
        try await rig.publish(created(.group, "Phim hay", by: an, [binh, chi, muted]))
        try await rig.publish(
            ChatRoomMuted(roomID: room, userID: muted, isMuted: true, timestamp: WallClock.system.now)
        )
        try await rig.publish(message(by: outsider))
        for _ in 0..<3 { try await rig.publish(message(by: an)) }
        try await rig.publish(seen(by: binh))
        let words = "An đã nhắn tin trong nhóm “Phim hay”."
        try await eventually("chi is told once", within: 20) { try await rig.messages(of: chi, service) == [words] }
        try await eventually("binh has nothing to read", within: 20) { try await unread(binh, rig, service) == 0 }
        for user in [an, muted, outsider] { #expect(try await rig.messages(of: user, service) == []) }

        try await rig.publish(seen(by: chi))
        try await eventually("chi has read it", within: 20) { try await unread(chi, rig, service) == 0 }
        try await service.kill()
        try await rig.publish(
            ChatMemberLeft(roomID: room, userID: binh, actorID: binh, reason: .left, timestamp: WallClock.system.now)
        )
        try await rig.publish(message(by: an))
        service = try await rig.service()
        try await eventually("chi is told again", within: 20) { try await unread(chi, rig, service) == 1 }
        #expect(try await rig.messages(of: chi, service) == [words, words])
        #expect(try await unread(binh, rig, service) == 0)
    }

    @Test func `who is mentioned is told so, in a muted room too, and nobody else`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        try await rig.register(an, email: "an@example.com", name: "An")
        try await rig.register(chi, email: "chi@example.com", name: "Chi", handle: "chi.le", locale: "en")
        for user in [an, chi] { try await rig.waitForProfile(of: user) }
        try await rig.publish(created(.group, "Phim hay", by: an, [binh, chi]))
        let now = WallClock.system.now
        try await rig.publish(ChatRoomMuted(roomID: room, userID: chi, isMuted: true, timestamp: now))
        try await rig.publish(message(by: an, "Xem phim không, @Chi.Le? @nobody.here"))
        let words = "An mentioned you in a chat “Phim hay”."
        try await eventually("chi is told", within: 20) { try await rig.messages(of: chi, service) == [words] }
        try await eventually("binh is told of the message", within: 20) {
            try await rig.messages(of: binh, service) == ["An đã nhắn tin trong nhóm “Phim hay”."]
        }
        // It comes on another topic, so it is known here first, of a moment after the messages.
        try await rig.publish(seen(by: chi, at: WallClock.system.now.adding(seconds: 60)))
        try await eventually("chi has looked", within: 20) { try await unread(chi, rig, service) == 0 }
        try await rig.publish(message(by: an, "@chi.le"))
        try await rig.publish(message(by: binh))
        // Those who were mentioned are told first, and the others in one go.
        try await eventually("the room has been told of", within: 20) {
            try await rig.messages(of: an, service).count == 1
        }
        #expect(try await rig.messages(of: chi, service) == [words], "who has looked is not told again")
    }

    @Test func `who is mentioned by a new text is told once, and only of a message that was its author's`()
        async throws
    {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        try await rig.register(an, email: "an@example.com", name: "An")
        try await rig.register(chi, email: "chi@example.com", name: "Chi", handle: "chi.le", locale: "en")
        for user in [an, chi] { try await rig.waitForProfile(of: user) }
        try await rig.publish(created(.group, "Phim hay", by: an, [binh, chi]))
        let first = message(by: an, "Xem phim không?")
        try await rig.publish(first)
        try await eventually("chi is told of the message", within: 20) {
            try await rig.messages(of: chi, service) == ["An wrote in your group “Phim hay”."]
        }
        try await rig.publish(seen(by: chi))
        try await eventually("chi has read it", within: 20) { try await unread(chi, rig, service) == 0 }
        try await rig.publish(edited(by: binh, "@chi.le", mentions: nil, of: nil))
        try await rig.publish(edited(by: Self.person(), "@chi.le", mentions: ["chi.le"], of: first))
        try await rig.publish(edited(by: an, "Xem phim không, @chi.le?", mentions: ["chi.le"], of: first))
        let words = "An mentioned you in a chat “Phim hay”."
        try await eventually("chi is told", within: 20) { try await rig.messages(of: chi, service).first == words }
        // Taken away and written again: it is the same message.
        try await rig.publish(edited(by: an, "Xem phim không?", mentions: nil, of: nil))
        try await rig.publish(edited(by: an, "Này @chi.le!", mentions: ["chi.le"], of: first))
        try await rig.publish(edited(by: an, "Này @binh.n!", mentions: ["binh.n"], of: first))
        try await rig.register(binh, email: "binh@example.com", name: "Binh", handle: "binh.n", locale: "en")
        try await rig.waitForProfile(of: binh)
        try await rig.publish(edited(by: an, "Này, @binh.n!", mentions: ["binh.n"], of: first))
        try await eventually("binh is told, later than chi would be", within: 20) {
            try await rig.messages(of: binh, service).first == words
        }
        #expect(try await rig.messages(of: chi, service).count == 2, "the message, and that it names chi")
        #expect(try await rig.messages(of: binh, service).count == 2)
        #expect(try await rig.rows("SELECT count(*) FROM chat_mentions") == "0\n")
    }

    private func edited(
        by actor: Identifier,
        _ body: String,
        mentions: [String]?,
        of message: ChatMessageSent?
    ) -> ChatMessageEdited {
        ChatMessageEdited(
            roomID: room,
            seq: 1,
            actorID: actor,
            body: body,
            messageID: message?.messageID,
            mentions: mentions,
            timestamp: WallClock.system.now
        )
    }

    @Test func `a mail that waits is not sent once its room was looked into`() async throws {
        let mails = try await MailSink(answers: ["250 OK", "451 later"])
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        try await rig.register(chi, email: "chi@example.com", locale: "en")
        try await eventually("the welcome is mailed", within: 20) { mails.messages.count == 1 }
        let wishes = #"{"types":{"chat":{"email":true}}}"#
        let url = "\(service.url)/v1/notifications/preferences"
        #expect(try await Curl.request("PUT", url, json: wishes, token: rig.token(for: chi)).status == 200)
        try await rig.publish(created(.direct, nil, by: an, [chi]))
        try await rig.publish(message(by: an))
        try await eventually("the mail server takes it later", within: 20) { mails.messages.count == 2 }
        #expect(try await rig.messages(of: chi, service) == ["Someone sent you a message."])
        try await rig.publish(seen(by: chi))
        try await eventually("chi has read it", within: 20) { try await unread(chi, rig, service) == 0 }
        // Later, now.
        _ = try await rig.rows("UPDATE deliveries SET due_at = 0 WHERE state = 'queued' RETURNING 1")
        try await rig.waitForRows(1, in: "deliveries WHERE state = 'cancelled' AND reason = 'read'")
        #expect(mails.messages.count == 2)
    }
}
