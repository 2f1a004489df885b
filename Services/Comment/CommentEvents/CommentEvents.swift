import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Comment hears of items, people and likes (group `comment`).
struct CommentEvents: Sendable {
    static let group = "comment"
    static let topics: [Topic] = [.mediaEvents, .userEvents, .userProfiles, .likeEvents]
    /// Tables whose rows follow from these events alone.
    static let projections = ["targets", "profiles", "blocks", "banned_users"]

    /// Told when something of a target has become known.
    let targets: Changes<Target>
    /// Woken when there is something to remove.
    let removal: DueWork

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.topic {
        case Topic.mediaEvents.name: try noteItem(event, transaction)
        case Topic.userEvents.name: try notePerson(event, transaction)
        case Topic.userProfiles.name: try noteProfile(event, transaction)
        default: try noteLikes(event, transaction)
        }
    }

    private func noteItem(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case MediaUploaded.type:
            let item = try event.decode(MediaUploaded.self)
            // Asked again for an item that is ready, it stays so.
            try transaction.note(item.mediaID, of: item.ownerID, visibility: item.visibility)
            announce(item.mediaID, transaction)
        case MediaProcessed.type:
            let item = try event.decode(MediaProcessed.self)
            try transaction.note(item.mediaID, of: item.ownerID, visibility: item.visibility, isReady: true)
            announce(item.mediaID, transaction)
        case MediaVisibilityChanged.type:
            let item = try event.decode(MediaVisibilityChanged.self)
            try transaction.note(item.mediaID, of: item.ownerID, visibility: item.visibility)
            announce(item.mediaID, transaction)
        case MediaDeleted.type:
            let item = try event.decode(MediaDeleted.self)
            try transaction.noteDeleted(item.mediaID, of: item.ownerID)
            announce(item.mediaID, transaction)
            transaction.afterCommit { [removal] in removal.wake() }
        default: break  // Nothing that decides who sees an item.
        }
    }

    private func announce(_ target: Identifier, _ transaction: borrowing Transaction) {
        transaction.afterCommit { [targets] in targets.announce(target) }
    }

    private func notePerson(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case UserBlocked.type, UserUnblocked.type: try transaction.follow(block: event)
        case UserDeleted.type:
            try transaction.follow(account: event, erasing: removal)
            // The name goes at once.
            try transaction.removeProfile(of: try event.decode(UserDeleted.self).userID)
        default: try transaction.follow(account: event, erasing: removal)
        }
    }

    private func noteProfile(_ event: Event, _ transaction: borrowing Transaction) throws {
        guard event.value != nil else {
            guard let user = Identifier(event.key) else { throw EventError(.undecodable, "the key is no user id") }
            return try transaction.removeProfile(of: user)
        }
        let profile = try event.decode(UserProfile.self)
        try transaction.save(
            Profile(userID: profile.userID, handle: profile.handle.lowercased(), name: profile.displayName),
            sequence: event.sequence ?? 0
        )
    }

    /// Each event has the number of likes after it, in the order of the target.
    private func noteLikes(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case LikeAdded.type:
            let change = try event.decode(LikeAdded.self)
            try setLikes(of: change.targetID, change.targetType, change.count, transaction)
        case LikeRemoved.type:
            let change = try event.decode(LikeRemoved.self)
            try setLikes(of: change.targetID, change.targetType, change.count, transaction)
        default: break  // Counts that say the same again.
        }
    }

    private func setLikes(
        of id: Identifier,
        _ type: LikeTarget,
        _ count: Int64,
        _ transaction: borrowing Transaction
    ) throws {
        guard type == .comment, var comment = try transaction.connection.comment(id), comment.likes != count else {
            return
        }
        comment.likes = max(0, count)
        try transaction.update(comment)
    }
}
