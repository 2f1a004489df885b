import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct CommentTests {
    private let owner = Identifier.version7(at: WallClock.system.now)
    private let photo = Identifier.version7(at: WallClock.system.now)

    private func person() -> Identifier { .version7(at: WallClock.system.now) }

    private func comment<Name: EventName>(
        _ type: Name.Type = CommentChangeName.Added.self,
        id: Identifier = .version7(at: WallClock.system.now),
        by author: Identifier,
        answering parent: Identifier? = nil,
        mentioning mentioned: [Identifier] = []
    ) -> CommentChange<Name> {
        CommentChange<Name>(
            commentID: id,
            targetID: photo,
            targetOwnerID: owner,
            authorID: author,
            parentID: parent.map { _ in photo },
            parentAuthorID: parent,
            mentionedIDs: mentioned,
            depth: 0,
            version: 1,
            actorID: author,
            timestamp: WallClock.system.now
        )
    }

    @Test func `owner, who is answered and who is mentioned hear of a comment, each once and nobody of their own`()
        async throws
    {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (an, binh, chi) = (person(), person(), person())
        for (user, name) in [(an, "An"), (binh, "Bình"), (owner, "Ngọc")] {
            try await rig.register(user, email: "\(user)@example.com", name: name)
            try await rig.waitForProfile(of: user)
        }
        let reply = comment(by: an, answering: binh, mentioning: [binh, chi, an, owner])
        let event = try Event(reply, at: WallClock.system.now)
        for _ in 0..<2 { try await rig.producer.send(event) }
        try await rig.publish(comment(by: owner, answering: owner))
        try await rig.publish(comment(by: binh))
        try await eventually("all have heard", within: 20) { try await rig.messages(of: owner, service).count == 2 }
        #expect(
            try await rig.messages(of: owner, service) == [
                "Bình đã bình luận về ảnh của bạn.", "An đã nhắc đến bạn trong một bình luận.",
            ]
        )
        #expect(try await rig.messages(of: binh, service) == ["An đã trả lời bình luận của bạn."])
        #expect(try await rig.messages(of: chi, service) == ["An đã nhắc đến bạn trong một bình luận."])
        #expect(try await rig.messages(of: an, service) == [])
    }

    @Test func `an edit tells who is newly mentioned, and a comment that is gone takes its notifications along`()
        async throws
    {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (an, chi) = (person(), person())
        let id = person()
        try await rig.publish(comment(id: id, by: an))
        try await rig.publish(
            comment(CommentChangeName.Edited.self, id: id, by: an, mentioning: [chi, owner])
        )
        try await eventually("the mentioned hears", within: 20) { try await rig.messages(of: chi, service).count == 1 }
        #expect(try await rig.messages(of: owner, service) == ["Ai đó đã bình luận về ảnh của bạn."])
        try await rig.publish(comment(CommentChangeName.Deleted.self, id: id, by: an))
        try await eventually("nothing is left", within: 20) {
            try await rig.messages(of: chi, service) + rig.messages(of: owner, service) == []
        }
    }

    @Test func `a comment of somebody muted is not told, and a name is as it is now`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (an, muted) = (person(), person())
        try await rig.publish(UserMuted(userID: owner, targetID: muted, timestamp: WallClock.system.now))
        try await rig.register(an, email: "an@example.com", name: "An")
        try await rig.waitForRows(1, in: "relations")
        try await rig.publish(comment(by: muted))
        try await rig.publish(comment(by: an))
        try await eventually("An's is told", within: 20) {
            try await rig.messages(of: owner, service) == ["An đã bình luận về ảnh của bạn."]
        }
        try await rig.register(an, email: "an@example.com", name: "An Nguyễn\r\nhttp://evil")
        try await eventually("the name has changed", within: 20) {
            try await rig.messages(of: owner, service) == ["An Nguyễn  http evil đã bình luận về ảnh của bạn."]
        }
        try await rig.publish(UserDeleted(userID: an, erasureID: an, timestamp: WallClock.system.now))
        try await eventually("the name is gone", within: 20) {
            try await rig.messages(of: owner, service) == ["Ai đó đã bình luận về ảnh của bạn."]
        }
    }
}
