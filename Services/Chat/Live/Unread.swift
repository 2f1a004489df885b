import EventBus
import HTTPCore
import Persistence
import System

/// How far somebody has read a room and what is left, for their own eyes: on all their devices it is the same.
struct Unread: Sendable, Equatable {
    let roomID: Identifier
    /// The last message that is counted.
    let seq: Int64
    /// Up to which they have read, in private too.
    let readSeq: Int64
    let count: Int64
    let mentions: Int

    /// The frame of `chat.v1`.
    var frame: [UInt8] { WebSocketFrame.encode(.text, json.span) }

    /// The same as an event of a stream. It has no id: nothing of it is ever sent again.
    var event: [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEvent(data: String(decoding: json, as: UTF8.self)).append(to: &bytes)
        return bytes
    }

    private var json: [UInt8] {
        var object = FlatJSON(capacity: 192)
        object.add("type", "unread")
        object.add("room_id", roomID)
        object.add("seq", seq)
        addCounts(to: &object)
        return object.finish()
    }

    func addCounts(to object: inout FlatJSON) {
        object.add("read_seq", readSeq)
        object.add("unread_count", count)
        object.add("unread_mention_count", Int64(mentions))
    }
}

extension Connection {
    /// How far somebody has read a room; nil of who is not in it.
    func unread(of user: Identifier, in id: Identifier) throws -> Unread? {
        guard let room = try room(id), let own = try member(user, of: id) else { return nil }
        return Unread(
            roomID: id,
            seq: room.seq,
            readSeq: own.lastRead,
            count: own.unread(in: room),
            mentions: try mentions(of: user, in: id, after: own.readChange)
        )
    }
}
