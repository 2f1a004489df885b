import Contracts
import EventBus
import FoundationEssentials
import ServiceKit
import System

/// Hands what happens to comments to the live streams of their items. Who reports and who moderates is not told there.
enum CommentBroadcast {
    /// What of an event the readers of a stream get.
    private struct Public: Codable {
        var id: Identifier
        var target_id: Identifier
        var author_id: Identifier
        var parent_id: Identifier?
        var depth: Int
        var version: Int
        var excerpt: String?
        var timestamp: Timestamp

        init<Name>(_ change: CommentChange<Name>) {
            id = change.commentID
            target_id = change.targetID
            author_id = change.authorID
            parent_id = change.parentID
            depth = change.depth
            version = change.version
            excerpt = change.excerpt
            timestamp = change.timestamp
        }
    }

    static func handle(_ event: Event, at position: EventPosition, _ feed: LiveFeed<Identifier>) throws {
        let change: Public
        switch event.type {
        case CommentAdded.type: change = Public(try event.decode(CommentAdded.self))
        case CommentEdited.type: change = Public(try event.decode(CommentEdited.self))
        case CommentDeleted.type: change = Public(try event.decode(CommentDeleted.self))
        case CommentHidden.type: change = Public(try event.decode(CommentHidden.self))
        case CommentRestored.type: change = Public(try event.decode(CommentRestored.self))
        default: return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = String(decoding: try encoder.encode(change), as: UTF8.self)
        feed.publish(event.type, data, to: change.target_id, at: position)
    }
}
