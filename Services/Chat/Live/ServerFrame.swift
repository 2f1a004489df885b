import Contracts
import EventBus
import ServiceKit
import System

/// What one socket alone is told (`chat.v1`); what a room is told is ``News``.
enum ServerFrame {
    static func ready(_ user: Identifier, expiresAt: Timestamp) -> String {
        var object = FlatJSON(capacity: 128)
        object.add("type", "ready")
        object.add("user_id", user)
        object.add("expires_at", expiresAt)
        return text(object)
    }

    static func pong(_ ref: String?) -> String {
        var object = FlatJSON(capacity: 64)
        object.add("type", "pong")
        object.add("ref", ref)
        return text(object)
    }

    /// Of a frame that took effect.
    static func ack(_ receipt: RoomLedger.Receipt, to frame: ClientFrame) -> String {
        var object = FlatJSON(capacity: 320)
        object.add("type", "ack")
        object.add("ref", frame.ref)
        object.add("room_id", receipt.roomID)
        object.add("change", receipt.change)
        object.add("seq", receipt.message?.seq ?? frame.seq)
        if frame.type == .send {
            object.add("client_message_id", frame.clientMessageID)
            object.add("id", receipt.message?.id)
            object.add("created_at", receipt.message?.createdAt)
            object.add("repeated", receipt.isRepeat)
        }
        return text(object)
    }

    /// Of a frame that did not.
    static func error(_ problem: Problem, to frame: ClientFrame? = nil, retryAfterMilliseconds: Int64? = nil) -> String
    {
        var object = FlatJSON(capacity: 256)
        object.add("type", "error")
        object.add("ref", frame?.ref)
        object.add("code", problem.code.rawValue)
        object.add("detail", problem.errors.first.map { "\($0.pointer): \($0.detail)" } ?? problem.detail)
        object.add("room_id", frame?.roomID)
        object.add("client_message_id", frame?.clientMessageID)
        object.add("retry_after_ms", retryAfterMilliseconds)
        return text(object)
    }

    /// A room was brought up to date, with how far the reader has read it.
    static func resumed(_ unread: Unread, seq: ClosedRange<Int64>, change: ClosedRange<Int64>) -> String {
        var object = FlatJSON(capacity: 288)
        object.add("type", "resumed")
        object.add("room_id", unread.roomID)
        object.add("from_seq", seq.lowerBound)
        object.add("to_seq", seq.upperBound)
        object.add("from_change", change.lowerBound)
        object.add("to_change", change.upperBound)
        unread.addCounts(to: &object)
        return text(object)
    }

    /// Too much was missed: the room is to be read anew, up to here.
    static func reset(_ room: Room) -> String {
        var object = FlatJSON(capacity: 128)
        object.add("type", "reset")
        object.add("room_id", room.id)
        object.add("seq", room.seq)
        object.add("change", room.change)
        return text(object)
    }

    private static func text(_ object: consuming FlatJSON) -> String {
        String(decoding: object.finish(), as: UTF8.self)
    }
}
