import Contracts
import EventBus
import Persistence
import System

/// Tells owners of likes: one notification a group, changed at most every ``LikeGroup/pauseMilliseconds``.
struct LikeNews: Sendable {
    private static let batch = 32

    let database: Database
    let teller: Teller

    /// Tells what is due, and says when the next group is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { try NotificationStore.dueGroups(at: now, limit: Self.batch, $0) }
        for number in due {
            try await database.write(priority: .background) { try tell(number, at: now, $0) }
        }
        return try await database.read(NotificationStore.nextGroup)
    }

    /// Brings a group's notification up to date.
    func tell(_ number: Int64, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        let connection = transaction.connection
        guard var group = try NotificationStore.group(number, connection) else { return }
        let hidden = try NotificationStore.hiddenLikers(of: group, connection)
        let count = group.likers - hidden.count
        let last = try NotificationStore.lastLiker(of: group, hidden: hidden, connection)
        if count > 0, let last {
            try tell(of: count, last: last, &group, transaction)
        } else {
            try NotificationStore.remove(group.notificationID, transaction)
        }
        (group.told, group.toldAt) = (max(count, 0), now)
        try NotificationStore.saveTold(group, transaction)
    }

    private func tell(
        of count: Int,
        last: Identifier,
        _ group: inout LikeGroup,
        _ transaction: borrowing Transaction
    ) throws {
        let isFilm = try NotificationStore.isFilm(group.targetID, transaction.connection)
        let notice = Notice(
            id: group.notificationID,
            userID: group.ownerID,
            type: LikeAdded.type,
            data: group.data(count, isFilm: isFilm),
            actorID: last,
            subjectID: group.targetID
        )
        let owner = group.ownerID
        guard let old = try NotificationStore.find(notice.id, of: owner, transaction.connection) else {
            // Pushed and mailed for the first like alone; who toggles a like makes no noise.
            if group.toldAt == nil {
                try teller.tell(notice, transaction)
            } else {
                try teller.restore(notice, transaction)
            }
            return
        }
        var new = try teller.notification(of: notice, transaction.connection)
        (new.createdAt, new.readAt, new.plan) = (old.createdAt, old.readAt, old.plan)
        let hasGrown = count > group.told
        guard hasGrown || new.message != old.message || new.actorID != old.actorID else { return }
        let comesBack = hasGrown && old.readAt != nil && !group.hasReopened
        if comesBack { (new.readAt, group.hasReopened) = (nil, true) }
        // What was read and has had its return stays where it is.
        let isNews = hasGrown && new.readAt == nil
        try NotificationStore.replace(new, isNews: isNews, transaction)
        if isNews { transaction.afterCommit { [feed = teller.feed] in feed.wake(owner) } }
    }
}
