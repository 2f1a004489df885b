import Contracts
import EventBus
import ServiceKit
import System

/// Hands what happens to comments to the live streams of their items. Who reports and who moderates is not told there.
enum CommentBroadcast {
    static func handle(_ event: Event, at position: EventPosition, _ feed: LiveFeed<Identifier>) throws {
        switch event.type {
        case CommentAdded.type: publish(try event.decode(CommentAdded.self), at: position, feed)
        case CommentEdited.type: publish(try event.decode(CommentEdited.self), at: position, feed)
        case CommentDeleted.type: publish(try event.decode(CommentDeleted.self), at: position, feed)
        case CommentHidden.type: publish(try event.decode(CommentHidden.self), at: position, feed)
        case CommentRestored.type: publish(try event.decode(CommentRestored.self), at: position, feed)
        default: return
        }
    }

    /// What of an event the readers of a stream get.
    private static func publish<Name>(
        _ change: CommentChange<Name>,
        at position: EventPosition,
        _ feed: LiveFeed<Identifier>
    ) {
        var object = FlatJSON()
        object.add("author_id", change.authorID)
        object.add("depth", Int64(change.depth))
        object.add("excerpt", change.excerpt)
        object.add("id", change.commentID)
        object.add("parent_id", change.parentID)
        object.add("target_id", change.targetID)
        object.add("timestamp", change.timestamp)
        object.add("version", Int64(change.version))
        feed.publish(Name.type, String(decoding: object.finish(), as: UTF8.self), to: change.targetID, at: position)
    }
}
