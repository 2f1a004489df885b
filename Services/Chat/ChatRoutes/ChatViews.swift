import Contracts
import Persistence
import System

/// A message as clients see it.
struct MessageView: Encodable, Sendable {
    let message: Message

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case authorID = "author_id"
        case clientMessageID = "client_message_id"
        case createdAt = "created_at"
        case editedAt = "edited_at"
        case deletedAt = "deleted_at"
        case id, seq, change, body
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(message.id, forKey: .id)
        try values.encode(message.roomID, forKey: .roomID)
        try values.encode(message.seq, forKey: .seq)
        try values.encode(message.change, forKey: .change)
        try values.encode(message.authorID, forKey: .authorID)
        try values.encode(message.clientMessageID, forKey: .clientMessageID)
        try values.encode(message.body, forKey: .body)
        try values.encode(message.createdAt, forKey: .createdAt)
        try values.encode(message.editedAt, forKey: .editedAt)
        try values.encode(message.deletedAt, forKey: .deletedAt)
    }
}

/// A room as one of its members sees it.
struct RoomView: Encodable, Sendable {
    /// Somebody in it.
    struct MemberView: Encodable, Sendable {
        let member: Member
        let contact: Contact?
        /// Whether how far they have come is told to who looks.
        let isShown: Bool

        enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case displayName = "display_name"
            case readSeq = "read_seq"
            case deliveredSeq = "delivered_seq"
            case role, handle
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(member.userID, forKey: .userID)
            try values.encode(member.role, forKey: .role)
            try values.encode(isShown ? member.readSeq : nil, forKey: .readSeq)
            try values.encode(isShown ? member.shownDeliveredSeq : nil, forKey: .deliveredSeq)
            try values.encode(contact?.handle, forKey: .handle)
            try values.encode(contact?.name, forKey: .displayName)
        }
    }

    let room: Room
    let own: Member
    let last: Message?
    /// Messages that name the member and have not been read.
    let unreadMentions: Int
    /// Of a direct room and of a room that is looked at alone.
    var members: [MemberView]?

    /// A room that somebody is in; nil for anybody else.
    init?(_ id: Identifier, for user: Identifier, isWhole: Bool, _ connection: Connection) throws {
        guard let room = try connection.room(id), let own = try connection.member(user, of: id) else { return nil }
        self.room = room
        self.own = own
        last = try connection.message(room.seq, in: id)
        unreadMentions = try connection.mentions(of: user, in: id, after: own.readChange)
        guard isWhole || room.type == .direct else { return }
        let strangers = try connection.strangers(to: user)
        members = try connection.members(of: id).map { member in
            let contact = try connection.contact(member.userID)
            return MemberView(member: member, contact: contact, isShown: !strangers.contains(member.userID))
        }
    }

    enum CodingKeys: String, CodingKey {
        case memberCount = "member_count"
        case unreadCount = "unread_count"
        case unreadMentionCount = "unread_mention_count"
        case readSeq = "read_seq"
        case lastMessage = "last_message"
        case createdAt = "created_at"
        case muted = "is_muted"
        case id, type, title, role, seq, change, members
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(room.id, forKey: .id)
        try values.encode(room.type, forKey: .type)
        try values.encode(room.title, forKey: .title)
        try values.encode(own.role, forKey: .role)
        try values.encode(room.seq, forKey: .seq)
        try values.encode(room.change, forKey: .change)
        try values.encode(own.lastRead, forKey: .readSeq)
        try values.encode(own.unread(in: room), forKey: .unreadCount)
        try values.encode(unreadMentions, forKey: .unreadMentionCount)
        try values.encode(own.isMuted, forKey: .muted)
        try values.encode(room.members, forKey: .memberCount)
        try values.encodeIfPresent(members, forKey: .members)
        try values.encode(last.map(MessageView.init), forKey: .lastMessage)
        try values.encode(room.createdAt, forKey: .createdAt)
    }
}

/// Messages of a room, and where the room is: who listens from there on misses nothing.
struct HistoryView: Encodable, Sendable {
    let items: [MessageView]
    let room: Room
    let hasMore: Bool

    enum CodingKeys: String, CodingKey {
        case hasMore = "has_more"
        case items, seq, change
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(items, forKey: .items)
        try values.encode(hasMore, forKey: .hasMore)
        try values.encode(room.seq, forKey: .seq)
        try values.encode(room.change, forKey: .change)
    }
}

/// A contact card.
struct ContactView: Encodable, Sendable {
    let contact: Contact
    let viewer: Identifier

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case displayName = "display_name"
        case isSelf = "is_self"
        case roomID = "direct_room_id"
        case handle
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(contact.userID, forKey: .userID)
        try values.encode(contact.handle, forKey: .handle)
        try values.encode(contact.name, forKey: .displayName)
        try values.encode(contact.userID == viewer, forKey: .isSelf)
        let room = contact.userID == viewer ? nil : Room.direct(contact.userID, viewer)
        try values.encode(room, forKey: .roomID)
    }
}
