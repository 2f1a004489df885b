import Contracts
import System
import Testing

@testable import LikeService

struct TargetTests {
    private let owner = Identifier.version7(at: WallClock.system.now)
    private let stranger = Identifier.version7(at: WallClock.system.now)

    private func target(isPublic: Bool = true, isDeleted: Bool = false, media: Target.Sight? = nil) -> Target {
        Target(
            type: media == nil ? .media : .comment,
            id: owner,
            sight: Target.Sight(ownerID: owner, isPublic: isPublic, isDeleted: isDeleted),
            media: media,
            count: 0,
            version: 0
        )
    }

    @Test func `what is private is seen by its owner alone, and what is deleted by nobody`() {
        for user in [owner, stranger, nil] {
            #expect(target().isVisible(to: user))
            #expect(target(isPublic: false).isVisible(to: user) == (user == owner))
            #expect(!target(isDeleted: true).isVisible(to: user))
        }
    }

    @Test func `a comment is seen by who sees what it is about`() {
        let theirs = Target.Sight(ownerID: stranger, isPublic: false, isDeleted: false)
        #expect(target(media: theirs).isVisible(to: stranger))
        #expect(!target(media: theirs).isVisible(to: owner))
        let gone = Target.Sight(ownerID: stranger, isPublic: true, isDeleted: true)
        #expect(!target(media: gone).isVisible(to: stranger))
    }
}
