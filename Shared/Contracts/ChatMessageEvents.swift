import EventBus
public import System

/// Somebody writes to a room. Chat gives it the next number of the room, unless the author is no member at this place in
/// the log or has sent the same `client_message_id` before.
public struct ChatMessageSent: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.message-sent"

    /// The message.
    public var messageID: Identifier
    /// The room.
    public var roomID: Identifier
    /// Who wrote it.
    public var authorID: Identifier
    /// What the author's program calls it.
    public var clientMessageID: String
    /// The text.
    public var body: String
    /// When it was sent.
    public var timestamp: Timestamp

    /// Makes a message.
    public init(
        messageID: Identifier,
        roomID: Identifier,
        authorID: Identifier,
        clientMessageID: String,
        body: String,
        timestamp: Timestamp
    ) {
        self.messageID = messageID
        self.roomID = roomID
        self.authorID = authorID
        self.clientMessageID = clientMessageID
        self.body = body
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case messageID = "message_id"
        case roomID = "room_id"
        case authorID = "author_id"
        case clientMessageID = "client_message_id"
        case body, timestamp
    }

    /// Written by hand: the busiest of all.
    public func json() -> [UInt8] {
        var object = FlatJSON(capacity: 320 + body.utf8.count)
        object.add("author_id", authorID)
        object.add("body", body)
        object.add("client_message_id", clientMessageID)
        object.add("message_id", messageID)
        object.add("room_id", roomID)
        object.add("timestamp", timestamp)
        return object.finish()
    }

    /// See ``EventPayload/read(_:)``.
    public static func read(_ json: [UInt8]) -> ChatMessageSent? {
        guard let object = FlatJSONReader(json), let message = object.id("message_id"),
            let room = object.id("room_id"), let author = object.id("author_id"),
            let client = object.text("client_message_id"), let body = object.text("body"),
            let timestamp = object.instant("timestamp")
        else { return nil }
        return ChatMessageSent(
            messageID: message,
            roomID: room,
            authorID: author,
            clientMessageID: client,
            body: body,
            timestamp: timestamp
        )
    }
}

/// The author changes a text.
public struct ChatMessageEdited: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.message-edited"

    /// The room.
    public var roomID: Identifier
    /// The number of the message.
    public var seq: Int64
    /// Who did it.
    public var actorID: Identifier
    /// The text from now on.
    public var body: String
    /// The message, when it was the actor's and had a text as Chat last knew it: only then does it mention anybody.
    public var messageID: Identifier?
    /// The handles that the text mentions and the one before did not.
    public var mentions: [String]?
    /// When.
    public var timestamp: Timestamp

    /// Makes a change.
    public init(
        roomID: Identifier,
        seq: Int64,
        actorID: Identifier,
        body: String,
        messageID: Identifier? = nil,
        mentions: [String]? = nil,
        timestamp: Timestamp
    ) {
        self.roomID = roomID
        self.seq = seq
        self.actorID = actorID
        self.body = body
        self.messageID = messageID
        self.mentions = mentions
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case actorID = "actor_id"
        case messageID = "message_id"
        case seq, body, mentions, timestamp
    }
}

/// A text is taken back by its author, or by who looks after the group; the number stays.
public struct ChatMessageDeleted: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.message-deleted"

    /// The room.
    public var roomID: Identifier
    /// The number of the message.
    public var seq: Int64
    /// Who did it.
    public var actorID: Identifier
    /// When.
    public var timestamp: Timestamp

    /// Makes a deletion.
    public init(roomID: Identifier, seq: Int64, actorID: Identifier, timestamp: Timestamp) {
        self.roomID = roomID
        self.seq = seq
        self.actorID = actorID
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case actorID = "actor_id"
        case seq, timestamp
    }
}
