import EventBus
public import System

/// All messages up to one have reached a device of a member, read or not.
public struct ChatDelivered: ChatRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "chat.delivered"

    /// The room.
    public var roomID: Identifier
    /// Whose device it is.
    public var userID: Identifier
    /// The number of the last message that came; it only grows.
    public var seq: Int64
    /// When.
    public var timestamp: Timestamp

    /// Makes a mark.
    public init(roomID: Identifier, userID: Identifier, seq: Int64, timestamp: Timestamp) {
        self.roomID = roomID
        self.userID = userID
        self.seq = seq
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case userID = "user_id"
        case seq, timestamp
    }
}
