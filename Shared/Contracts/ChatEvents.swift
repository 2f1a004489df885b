public import EventBus
public import System

// What happens in rooms (`chat-messages`): key the room's id, so the log's order is the room's order; by Chat alone, and
// written before it is decided. Chat gives numbers, drops repeats and refuses what was not allowed when it reads a record:
// a record is what somebody wanted, and those that came to nothing stay in the log as well.

/// A record of a room.
public protocol ChatRecord: EventPayload {
    /// The room.
    var roomID: Identifier { get }
}

extension ChatRecord {
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .chatMessages }
    /// See ``EventPayload/source``.
    public static var source: String { "/chat" }
    /// See ``EventPayload/key``.
    public var key: String { roomID.description }
}

/// What kind of room it is.
public enum ChatRoomType: String, Codable, Sendable, CaseIterable {
    /// Two people; one room a pair.
    case direct
    /// Any number of people, with roles.
    case group
}

/// What a member of a group may do.
public enum ChatRole: String, Codable, Sendable, CaseIterable {
    /// Everything; a group has one.
    case owner
    /// Members come and go by it, and it deletes others' messages.
    case admin
    /// Reads and writes.
    case member
}

/// A room was opened.
public struct ChatRoomCreated: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.room-created"

    /// The room; of a direct one derived from the pair.
    public var roomID: Identifier
    /// What kind of room it is.
    public var roomType: ChatRoomType
    /// What a group is called.
    public var title: String?
    /// Who opened it: a group's owner.
    public var creatorID: Identifier
    /// Who is in it, the creator included, without repeats.
    public var memberIDs: [Identifier]
    /// Of what was asked for under an `Idempotency-Key`, in hexadecimal digits: another request under the same key differs.
    public var requestDigest: String?
    /// When it was asked for.
    public var timestamp: Timestamp

    /// Makes an opening.
    public init(
        roomID: Identifier,
        roomType: ChatRoomType,
        title: String? = nil,
        creatorID: Identifier,
        memberIDs: [Identifier],
        requestDigest: String? = nil,
        timestamp: Timestamp
    ) {
        self.roomID = roomID
        self.roomType = roomType
        self.title = title
        self.creatorID = creatorID
        self.memberIDs = memberIDs
        self.requestDigest = requestDigest
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case roomType = "room_type"
        case creatorID = "creator_id"
        case memberIDs = "member_ids"
        case requestDigest = "request_digest"
        case title, timestamp
    }
}

/// A group got another title.
public struct ChatRoomChanged: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.room-changed"

    /// The room.
    public var roomID: Identifier
    /// Who did it.
    public var actorID: Identifier
    /// The title; none takes it away.
    public var title: String?
    /// When it was asked for.
    public var timestamp: Timestamp

    /// Makes a change.
    public init(roomID: Identifier, actorID: Identifier, title: String?, timestamp: Timestamp) {
        self.roomID = roomID
        self.actorID = actorID
        self.title = title
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case actorID = "actor_id"
        case title, timestamp
    }
}

/// Somebody became a member, or a member got another role.
public struct ChatMemberJoined: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.member-joined"

    /// The room.
    public var roomID: Identifier
    /// The member.
    public var userID: Identifier
    /// The role from now on; `owner` passes the group on.
    public var role: ChatRole
    /// Who did it.
    public var actorID: Identifier
    /// When it was asked for.
    public var timestamp: Timestamp

    /// Makes a joining.
    public init(roomID: Identifier, userID: Identifier, role: ChatRole, actorID: Identifier, timestamp: Timestamp) {
        self.roomID = roomID
        self.userID = userID
        self.role = role
        self.actorID = actorID
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case userID = "user_id"
        case actorID = "actor_id"
        case role, timestamp
    }
}

/// Somebody is a member no more.
public struct ChatMemberLeft: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.member-left"

    /// Why somebody is gone.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// By themselves.
        case left
        /// By an owner or an admin.
        case removed
        /// The account is gone, and with it all that it wrote in the room.
        case erased
    }

    /// The room.
    public var roomID: Identifier
    /// Who is gone.
    public var userID: Identifier
    /// Who did it.
    public var actorID: Identifier
    /// Why.
    public var reason: Reason
    /// When it was asked for.
    public var timestamp: Timestamp

    /// Makes a leaving.
    public init(roomID: Identifier, userID: Identifier, actorID: Identifier, reason: Reason, timestamp: Timestamp) {
        self.roomID = roomID
        self.userID = userID
        self.actorID = actorID
        self.reason = reason
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case userID = "user_id"
        case actorID = "actor_id"
        case reason, timestamp
    }
}

/// A member has read all up to a message.
public struct ChatRead: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.read"

    /// The room.
    public var roomID: Identifier
    /// Who has read.
    public var userID: Identifier
    /// The number of the last message that was read; it only grows.
    public var seq: Int64
    /// Whether nobody else is to be told; nil is no.
    public var isPrivate: Bool?
    /// When.
    public var timestamp: Timestamp

    /// Makes a receipt.
    public init(roomID: Identifier, userID: Identifier, seq: Int64, isPrivate: Bool = false, timestamp: Timestamp) {
        self.roomID = roomID
        self.userID = userID
        self.seq = seq
        self.isPrivate = isPrivate ? true : nil
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case userID = "user_id"
        case isPrivate = "is_private"
        case seq, timestamp
    }

    /// Written by hand: as many as there are messages.
    public func json() -> [UInt8] {
        var object = FlatJSON(capacity: 192)
        if isPrivate == true { object.add("is_private", true) }
        object.add("room_id", roomID)
        object.add("seq", seq)
        object.add("timestamp", timestamp)
        object.add("user_id", userID)
        return object.finish()
    }

    /// See ``EventPayload/read(_:)``.
    public static func read(_ json: [UInt8]) -> ChatRead? {
        guard let object = FlatJSONReader(json), let room = object.id("room_id"), let user = object.id("user_id"),
            let seq = object.number("seq"), let timestamp = object.instant("timestamp")
        else { return nil }
        let isPrivate = object.flag("is_private") ?? false
        return ChatRead(roomID: room, userID: user, seq: seq, isPrivate: isPrivate, timestamp: timestamp)
    }
}

/// A member wants no notices about a room, or wants them again; nobody else is told.
public struct ChatRoomMuted: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.room-muted"

    /// The room.
    public var roomID: Identifier
    /// The member.
    public var userID: Identifier
    /// Whether the room is silent from now on.
    public var isMuted: Bool
    /// When.
    public var timestamp: Timestamp

    /// Makes a wish.
    public init(roomID: Identifier, userID: Identifier, isMuted: Bool, timestamp: Timestamp) {
        self.roomID = roomID
        self.userID = userID
        self.isMuted = isMuted
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case userID = "user_id"
        case isMuted = "is_muted"
        case timestamp
    }
}
