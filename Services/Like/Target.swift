import Contracts
import System

/// What can be liked, as far as others' events tell, with the number of its likes.
struct Target: Sendable, Equatable {
    /// Who may see a thing.
    struct Sight: Sendable, Equatable {
        let ownerID: Identifier
        /// Whether people other than the owner may.
        let isPublic: Bool
        let isDeleted: Bool

        func isVisible(to user: Identifier?) -> Bool {
            !isDeleted && (isPublic || user == ownerID)
        }
    }

    let type: LikeTarget
    let id: Identifier
    let sight: Sight
    /// Of what a comment is about: who does not see that does not see the comment.
    let media: Sight?
    let count: Int64
    /// How often `count` has changed.
    let version: Int64

    var ownerID: Identifier { sight.ownerID }

    /// A comment is known when what it is about is known, too.
    var isKnown: Bool { type == .media || media != nil }

    func isVisible(to user: Identifier?) -> Bool {
        sight.isVisible(to: user) && media?.isVisible(to: user) ?? true
    }
}

/// Whether somebody likes a target, and how many do.
struct LikeState: Sendable, Equatable {
    var isLiked: Bool
    var count: Int64
    var version: Int64
}

/// No event has told of the target yet.
struct UnknownTarget: Error {}
