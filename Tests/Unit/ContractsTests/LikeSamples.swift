import Contracts
import EventBus
import System

extension Sample {
    /// One of each type about likes.
    static func likes() throws -> [Sample] {
        let (photo, comment, owner, user) = (
            Identifier.sample(9), Identifier.sample(12), Identifier.sample(1), Identifier.sample(6)
        )
        let added = LikeAdded(
            targetType: .media,
            targetID: photo,
            targetOwnerID: owner,
            userID: user,
            count: 42,
            timestamp: .sample
        )
        let removed = LikeRemoved(
            targetType: .comment,
            targetID: comment,
            targetOwnerID: owner,
            userID: user,
            count: 41,
            reason: .unliked,
            timestamp: .sample
        )
        let reported = LikeCountsReported(
            targetType: .media,
            targetID: photo,
            count: 42,
            added: 50,
            removed: 8,
            timestamp: .sample,
            offsets: ["media-events-3": 12, "user-events-0": 7]
        )
        return [try Sample(added), try Sample(removed), try Sample(reported)]
    }
}
