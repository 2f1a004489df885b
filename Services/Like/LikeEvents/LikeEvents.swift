import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What can be liked and by whom, as others' events tell it (group `like`). Each table of these depends on one topic alone,
/// but for comments, which are looked up together with what they are about: so the order between topics does not matter.
struct LikeEvents: Sendable {
    static let group = "like"
    static let topics: [Topic] = [.mediaEvents, .commentEvents, .userEvents]
    static let projections = ["targets", "blocks", "banned_users"]

    /// Told when something of a target has become known.
    let targets: Changes<Target>
    /// Woken when likes are to be removed.
    let removing: DueWork

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaUploaded.type, MediaProcessed.type, MediaFailed.type, MediaVisibilityChanged.type, MediaDeleted.type:
            try follow(media: event, transaction)
        case CommentAdded.type, CommentHidden.type, CommentRestored.type, CommentDeleted.type:
            try follow(comment: event, transaction)
        case UserBlocked.type, UserUnblocked.type: try transaction.follow(block: event)
        default: try transaction.follow(account: event, erasing: removing)
        }
    }

    private func follow(media event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaUploaded.type:
            let media = try event.decode(MediaUploaded.self)
            let isPublic = media.visibility == .public
            try save(.media, media.mediaID, media.ownerID, event, transaction) { $0.isPublic = isPublic }
        case MediaProcessed.type:
            let media = try event.decode(MediaProcessed.self)
            let isPublic = media.visibility == .public
            try save(.media, media.mediaID, media.ownerID, event, transaction) {
                $0.isPublic = isPublic
                $0.isReady = true
            }
        case MediaFailed.type:
            let media = try event.decode(MediaFailed.self)
            try save(.media, media.mediaID, media.ownerID, event, transaction) { $0.isReady = false }
        case MediaVisibilityChanged.type:
            let media = try event.decode(MediaVisibilityChanged.self)
            let isPublic = media.visibility == .public
            try save(.media, media.mediaID, media.ownerID, event, transaction) { $0.isPublic = isPublic }
        case MediaDeleted.type:
            let media = try event.decode(MediaDeleted.self)
            try delete(.media, media.mediaID, media.ownerID, event, transaction)
        default: break
        }
    }

    private func follow(comment event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case CommentAdded.type:
            let comment = try event.decode(CommentAdded.self)
            try save(.comment, comment.commentID, comment.authorID, event, transaction) {
                $0.mediaID = comment.targetID
                $0.isPublic = true
                $0.isReady = true
            }
        case CommentHidden.type:
            let comment = try event.decode(CommentHidden.self)
            try save(.comment, comment.commentID, comment.authorID, event, transaction) { $0.isPublic = false }
        case CommentRestored.type:
            let comment = try event.decode(CommentRestored.self)
            try save(.comment, comment.commentID, comment.authorID, event, transaction) { $0.isPublic = true }
        case CommentDeleted.type:
            let comment = try event.decode(CommentDeleted.self)
            try delete(.comment, comment.commentID, comment.authorID, event, transaction)
        default: break
        }
    }

    private func save(
        _ type: LikeTarget,
        _ id: Identifier,
        _ owner: Identifier,
        _ event: Event,
        _ transaction: borrowing Transaction,
        _ fill: (inout TargetChange) -> Void
    ) throws {
        var change = TargetChange(type: type, id: id, ownerID: owner, version: event.sequence)
        fill(&change)
        try transaction.save(change)
        transaction.afterCommit { [targets] in targets.announce(id) }
    }

    private func delete(
        _ type: LikeTarget,
        _ id: Identifier,
        _ owner: Identifier,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        try save(type, id, owner, event, transaction) { $0.isDeleted = true }
        try transaction.beginRemoval(of: id)
        transaction.afterCommit { [removing] in removing.wake() }
    }
}
