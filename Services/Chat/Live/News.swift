import Contracts
import EventBus
import HTTPCore
import System

/// What the sockets and streams of a room get of a change: made once, shared by all.
struct News: Sendable {
    let roomID: Identifier
    let change: Int64
    /// Whose mark it is; nil of what is told to everybody.
    let marker: Identifier?
    /// The change as JSON.
    let json: [UInt8]
    /// The frame that carries it.
    var frame: [UInt8]
    /// Who comes (with what they may do) and who goes by it.
    var memberships: [(user: Identifier, membership: Membership?)] = []

    init(_ change: RoomChange, _ message: Message?) {
        roomID = change.roomID
        self.change = change.change
        marker = change.kind == .read || change.kind == .delivered ? change.userID : nil
        let json = Self.json(change, message)
        self.json = json
        frame = WebSocketFrame.encode(.text, json.span)
    }

    /// The same as an event of a stream, whose id is the number of the change.
    var event: [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEvent(id: String(change), data: String(decoding: json, as: UTF8.self)).append(to: &bytes)
        return bytes
    }

    /// What `chat.v1` and streams say of a change; of a message as it is now.
    private static func json(_ change: RoomChange, _ message: Message?) -> [UInt8] {
        var object = FlatJSON(capacity: 384 + (message?.body?.utf8.count ?? 0))
        object.add("type", type(of: change.kind))
        object.add("room_id", change.roomID)
        object.add("change", change.change)
        switch change.kind {
        case .message: if let message { add(message, to: &object) }
        case .edited:
            object.add("seq", change.seq)
            object.add("actor_id", change.actorID)
            object.add("body", message?.body)
            object.add("edited_at", change.at)
        case .deleted:
            object.add("seq", change.seq)
            object.add("actor_id", change.actorID)
            object.add("deleted_at", change.at)
        case .read:
            object.add("user_id", change.userID)
            object.add("seq", change.seq)
            object.add("read_at", change.at)
        case .delivered:
            object.add("user_id", change.userID)
            object.add("seq", change.seq)
            object.add("delivered_at", change.at)
        case .joined, .left:
            object.add("user_id", change.userID)
            object.add("actor_id", change.actorID)
            object.add(change.kind == .joined ? "role" : "reason", change.detail)
            object.add("at", change.at)
        case .created, .renamed:
            object.add("title", change.detail)
            object.add("actor_id", change.actorID)
            object.add("at", change.at)
        }
        return object.finish()
    }

    private static func type(of kind: RoomChange.Kind) -> String {
        switch kind {
        case .created, .renamed: "room"
        default: kind.rawValue
        }
    }

    private static func add(_ message: Message, to object: inout FlatJSON) {
        object.add("seq", message.seq)
        object.add("id", message.id)
        object.add("author_id", message.authorID)
        object.add("client_message_id", message.clientMessageID)
        object.add("body", message.body)
        object.add("created_at", message.createdAt)
        object.add("edited_at", message.editedAt)
        object.add("deleted_at", message.deletedAt)
    }
}

/// What somebody with an open socket may do in a room.
struct Membership: Sendable, Equatable {
    let role: ChatRole
    /// The other one of a direct room.
    var peer: Identifier?
    /// Whether one of the two wants nothing from the other.
    var isRefused = false
}
