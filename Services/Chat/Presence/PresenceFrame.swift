import EventBus
import HTTPCore
import System

/// The frames of `chat.v1` that may be lost.
enum PresenceFrame {
    static func presence(_ update: PresenceUpdate) -> [UInt8] {
        var object = FlatJSON(capacity: 160)
        object.add("type", "presence")
        object.add("user_id", update.userID)
        object.add("state", update.state.rawValue)
        object.add("last_seen_at", update.seenAt)
        return WebSocketFrame.encode(.text, object.finish().span)
    }

    static func typing(_ update: TypingUpdate) -> [UInt8] {
        var object = FlatJSON(capacity: 96 + 40 * update.userIDs.count)
        object.add("type", "typing")
        object.add("room_id", update.roomID)
        object.add("user_ids", update.userIDs.map(\.description))
        return WebSocketFrame.encode(.text, object.finish().span)
    }
}
