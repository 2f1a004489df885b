import Contracts
import EventBus
import Persistence
import System

/// Tells the members of a room that somebody has written: one notification a room and person until it is read, and none of
/// what the person has seen in the room by then.
struct ChatNews: Sendable {
    /// From a message to its telling: who has the room open has read it by then.
    static let pauseMilliseconds: Int64 = 2000
    /// A message that is older when it is come to is told to nobody: after a long absence there is the room itself.
    static let maximumAgeMilliseconds: Int64 = 24 * 3600 * 1000
    private static let batch = 32
    /// Members told in one transaction.
    private static let membersAtOnce = 32

    /// A room in which something was written that has not been told.
    struct Room: Sendable, Equatable {
        let id: Identifier
        let title: String?
        let isDirect: Bool
        /// The last message, its author and its time.
        let messageID: Identifier
        let authorID: Identifier
        let writtenAt: Timestamp
    }

    let database: Database
    let teller: Teller

    /// Tells what is due, and says when the next room is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { try NotificationStore.dueRooms(at: now, limit: Self.batch, $0) }
        for room in due {
            try await tellMentions(in: room, at: now)
            var last: Identifier?
            repeat {
                let after = last
                last = try await database.write(priority: .background) { transaction in
                    try tell(room, membersAfter: after, at: now, transaction)
                }
            } while last != nil
        }
        let mentioning = try await database.read {
            try NotificationStore.roomsWithMentions(at: now, limit: Self.batch, $0)
        }
        for room in mentioning { try await tellMentions(in: room, at: now) }
        return try await database.read(NotificationStore.nextRoom)
    }

    private func tellMentions(in room: Room, at now: Timestamp) async throws {
        while try await database.write(priority: .background, { try tellMentions(in: room, at: now, $0) }) {}
    }

    /// Tells some of those who were mentioned and have not looked, in a room that they have muted too; whether more are left.
    private func tellMentions(in room: Room, at now: Timestamp, _ transaction: borrowing Transaction) throws -> Bool {
        let connection = transaction.connection
        let mentions = try NotificationStore.mentions(in: room.id, limit: Self.membersAtOnce, connection)
        for mention in mentions {
            let user = mention.userID
            try NotificationStore.endMention(of: user, in: room.id, transaction)
            guard now.milliseconds - mention.writtenAt.milliseconds <= Self.maximumAgeMilliseconds,
                try NotificationStore.isWaiting(user, in: room.id, since: mention.writtenAt, connection),
                try !NotificationStore.isHidden(mention.authorID, from: user, connection)
            else { continue }
            let id = Identifier.derived(source: "/notification/mention/\(user)", cause: mention.messageID, index: 0)
            try teller.tell(notice(id, "chat.mentioned", room, by: mention.authorID, to: user), transaction)
        }
        let isMore = mentions.count == Self.membersAtOnce
        if !isMore { try NotificationStore.endMentions(in: room.id, transaction) }
        return isMore
    }

    /// Tells some members; the last of them, nil when there are no more, and the room is done then.
    private func tell(
        _ room: Room,
        membersAfter last: Identifier?,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> Identifier? {
        let connection = transaction.connection
        let members = try NotificationStore.listeners(
            of: room.id,
            before: room.writtenAt,
            after: last,
            limit: Self.membersAtOnce,
            connection
        )
        let isOld = now.milliseconds - room.writtenAt.milliseconds > Self.maximumAgeMilliseconds
        guard !isOld, let end = members.last else {
            try NotificationStore.endTelling(room, transaction)
            return nil
        }
        for member in members where member != room.authorID {
            guard try !NotificationStore.hasUnread(about: room.id, member, connection),
                try !NotificationStore.isHidden(room.authorID, from: member, connection)
            else { continue }
            try teller.tell(notice(of: room, to: member), transaction)
        }
        return end
    }

    private func notice(of room: Room, to member: Identifier) -> Notice {
        let id = Identifier.derived(source: "/notification/\(member)", cause: room.messageID, index: 0)
        return notice(id, room.isDirect ? "chat.direct" : "chat.group", room, by: room.authorID, to: member)
    }

    private func notice(
        _ id: Identifier,
        _ type: String,
        _ room: Room,
        by author: Identifier,
        to member: Identifier
    ) -> Notice {
        var data = ["room_id": room.id.description]
        if !room.isDirect { data["place"] = room.title.map { " “\(TemplateText.shown($0))”" } ?? "" }
        return Notice(id: id, userID: member, type: type, data: data, actorID: author, subjectID: room.id)
    }
}
