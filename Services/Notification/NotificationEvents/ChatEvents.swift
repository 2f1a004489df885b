import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What is heard of chats: who is in which room, what is written there, and what has been seen. A group of its own, in
/// batches and without inbox rows, for there is much of it and a second time changes nothing.
struct ChatEvents: Sendable {
    static let group = "notification-chat"

    let clock: WallClock
    /// Woken when something written is to be told.
    let news: DueWork?

    static var consumer: EventConsumer.Configuration {
        EventConsumer.Configuration(group: group, topics: [.chatMessages, .presenceEvents])
    }

    func apply(_ deliveries: [EventConsumer.Delivery], _ transaction: borrowing Transaction) throws {
        for delivery in deliveries { try apply(delivery.event, transaction) }
    }

    func apply(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case ChatMessageSent.type: try note(event.decode(ChatMessageSent.self), transaction)
        case ChatMessageEdited.type: try note(event.decode(ChatMessageEdited.self), transaction)
        case PresenceSeen.type: try see(event.decode(PresenceSeen.self), transaction)
        case ChatRoomCreated.type: try create(event.decode(ChatRoomCreated.self), transaction)
        case ChatRoomChanged.type: try rename(event.decode(ChatRoomChanged.self), transaction)
        case ChatMemberJoined.type: try join(event.decode(ChatMemberJoined.self), transaction)
        case ChatMemberLeft.type: try leave(event.decode(ChatMemberLeft.self), transaction)
        case ChatRoomMuted.type:
            let muted = try event.decode(ChatRoomMuted.self)
            try NotificationStore.setMuted(muted.isMuted, muted.userID, in: muted.roomID, transaction)
        default: return
        }
    }

    /// A record is what somebody wanted: who is no member at this place in the log has written nothing.
    private func note(_ sent: ChatMessageSent, _ transaction: borrowing Transaction) throws {
        guard try NotificationStore.role(of: sent.authorID, in: sent.roomID, transaction.connection) != nil else {
            return
        }
        let due = clock.now.adding(milliseconds: ChatNews.pauseMilliseconds)
        try NotificationStore.note(sent, tellAt: due, transaction)
        try NotificationStore.noteMentions(in: sent, transaction)
        try NotificationStore.markSeen(sent.roomID, by: sent.authorID, at: sent.timestamp, transaction)
        if let news { transaction.afterCommit { news.wake() } }
    }

    /// Whom a new text mentions that the old one did not is told so; the others know of the message.
    private func note(_ edited: ChatMessageEdited, _ transaction: borrowing Transaction) throws {
        guard let message = edited.messageID, let handles = edited.mentions,
            try NotificationStore.role(of: edited.actorID, in: edited.roomID, transaction.connection) != nil
        else { return }
        let mentioning = NotificationStore.Mentioning(
            roomID: edited.roomID,
            messageID: message,
            authorID: edited.actorID,
            writtenAt: edited.timestamp
        )
        let due = clock.now.adding(milliseconds: ChatNews.pauseMilliseconds)
        guard try NotificationStore.noteMentions(of: handles, mentioning, transaction) else { return }
        try NotificationStore.beginMentions(in: edited.roomID, at: due, transaction)
        if let news { transaction.afterCommit { news.wake() } }
    }

    /// Who looks into a room need not be told of it: what was told is read, and what waits to be sent is not sent.
    private func see(_ seen: PresenceSeen, _ transaction: borrowing Transaction) throws {
        try NotificationStore.markSeen(seen.roomID, by: seen.userID, at: seen.timestamp, transaction)
        try NotificationStore.markRead(about: seen.roomID, of: seen.userID, at: clock.now, transaction)
    }

    // MARK: Who is where, by the rules of Chat

    private func create(_ created: ChatRoomCreated, _ transaction: borrowing Transaction) throws {
        guard try NotificationStore.insert(created, transaction) else { return }
        for user in created.memberIDs {
            let role = user == created.creatorID && created.roomType == .group ? ChatRole.owner : .member
            try set(role, of: user, in: created.roomID, at: created.timestamp, transaction)
        }
    }

    private func rename(_ changed: ChatRoomChanged, _ transaction: borrowing Transaction) throws {
        let role = try NotificationStore.role(of: changed.actorID, in: changed.roomID, transaction.connection)
        guard let role, role != .member else { return }
        try NotificationStore.setTitle(changed.title, of: changed.roomID, transaction)
    }

    private func join(_ joined: ChatMemberJoined, _ transaction: borrowing Transaction) throws {
        let connection = transaction.connection
        let actor = try NotificationStore.role(of: joined.actorID, in: joined.roomID, connection)
        let present = try NotificationStore.role(of: joined.userID, in: joined.roomID, connection)
        guard actor == .owner || actor == .admin && present == nil && joined.role == .member, present != .owner else {
            return
        }
        if joined.role == .owner {
            try set(.admin, of: joined.actorID, in: joined.roomID, at: joined.timestamp, transaction)
        }
        try set(joined.role, of: joined.userID, in: joined.roomID, at: joined.timestamp, transaction)
    }

    private func leave(_ left: ChatMemberLeft, _ transaction: borrowing Transaction) throws {
        let connection = transaction.connection
        let actor = try NotificationStore.role(of: left.actorID, in: left.roomID, connection)
        guard let present = try NotificationStore.role(of: left.userID, in: left.roomID, connection),
            left.reason == .erased || left.actorID == left.userID || actor == .owner
                || actor == .admin && present == .member
        else { return }
        try set(nil, of: left.userID, in: left.roomID, at: left.timestamp, transaction)
        try NotificationStore.markRead(about: left.roomID, of: left.userID, at: clock.now, transaction)
        if present == .owner { try NotificationStore.promoteHeir(of: left.roomID, at: left.timestamp, transaction) }
    }

    private func set(
        _ role: ChatRole?,
        of user: Identifier,
        in room: Identifier,
        at time: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try NotificationStore.setRole(role, of: user, in: room, at: time, transaction)
    }
}
