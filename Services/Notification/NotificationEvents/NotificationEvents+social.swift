import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What others did: likes, comments, replies, mentions. Nobody hears of what they did themselves, or of whom they block or
/// mute.
extension NotificationEvents {
    /// People whom one comment tells at most.
    private static let maximumRecipients = 50

    func handleLike(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case LikeAdded.type: try add(try event.decode(), event, transaction)
        case LikeRemoved.type: try remove(try event.decode(), transaction)
        default: return
        }
    }

    private func add(_ like: LikeAdded, _ event: Event, _ transaction: borrowing Transaction) throws {
        let (connection, now) = (transaction.connection, clock.now)
        guard like.userID != like.targetOwnerID, try !connection.isErased(like.targetOwnerID),
            try !connection.isErased(like.userID)
        else { return }
        var group = LikeGroup(
            number: 0,
            notificationID: .derived(source: "/notification", cause: event.id, index: 1),
            targetType: like.targetType,
            targetID: like.targetID,
            ownerID: like.targetOwnerID,
            openedAt: now,
            likers: 0,
            told: 0,
            toldAt: nil,
            hasReopened: false
        )
        let open = try NotificationStore.openGroup(of: like.targetID, connection)
        if let open, open.takes(at: now) {
            group = open
        } else {
            group.number = try NotificationStore.open(group, transaction)
        }
        let isNew = try NotificationStore.addLiker(
            like.userID,
            of: like.targetID,
            to: group.number,
            at: now,
            transaction
        )
        guard isNew else { return }
        try NotificationStore.count(1, in: group.number, tellAt: group.nextChange(at: now), transaction)
        if let likes { transaction.afterCommit { likes.wake() } }
    }

    private func remove(_ like: LikeRemoved, _ transaction: borrowing Transaction) throws {
        let number = try NotificationStore.removeLiker(like.userID, of: like.targetID, transaction)
        guard let number, let group = try NotificationStore.group(number, transaction.connection) else { return }
        try NotificationStore.count(-1, in: number, tellAt: group.nextChange(at: clock.now), transaction)
        if let likes { transaction.afterCommit { likes.wake() } }
    }

    // MARK: Comments

    func handleComment(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case CommentAdded.type:
            let comment = try event.decode(CommentAdded.self)
            for (user, type) in recipients(of: comment) { try tell(user, type, comment, event, transaction) }
        case CommentEdited.type:
            let comment = try event.decode(CommentEdited.self)
            for user in comment.mentionedIDs.prefix(Self.maximumRecipients) {
                try tell(user, "comment.mentioned", comment, event, transaction)
            }
        case CommentDeleted.type:
            try NotificationStore.remove(about: event.decode(CommentDeleted.self).commentID, transaction)
        case CommentHidden.type:
            try NotificationStore.remove(about: event.decode(CommentHidden.self).commentID, transaction)
        default: return
        }
    }

    /// Who hears of a comment, and as what; nobody twice, the more personal word first.
    private func recipients(of comment: CommentAdded) -> [(user: Identifier, type: String)] {
        var all: [(Identifier, String)] = []
        if let parent = comment.parentAuthorID { all.append((parent, "comment.replied")) }
        all += comment.mentionedIDs.prefix(Self.maximumRecipients).map { ($0, "comment.mentioned") }
        all.append((comment.targetOwnerID, CommentAdded.type))
        var seen: Set<Identifier> = []
        return all.filter { seen.insert($0.0).inserted }
    }

    private func tell<Name: EventName>(
        _ user: Identifier,
        _ type: String,
        _ comment: CommentChange<Name>,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        let (author, connection) = (comment.authorID, transaction.connection)
        guard user != author, try !connection.isErased(author),
            try !NotificationStore.isHidden(author, from: user, connection),
            try !NotificationStore.isTold(user, about: comment.commentID, connection)
        else { return }
        let isFilm = try NotificationStore.isFilm(comment.targetID, connection)
        let data = [
            "comment_id": comment.commentID.description, "target_id": comment.targetID.description,
            "target_type": comment.targetType.rawValue, "target": isFilm ? "video" : comment.targetType.rawValue,
        ]
        var notice = notice(among: type, to: user, data, event)
        (notice.actorID, notice.subjectID) = (author, comment.commentID)
        try teller.tell(notice, cause: event, transaction)
    }
}
