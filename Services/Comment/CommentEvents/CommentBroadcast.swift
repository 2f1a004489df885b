import Contracts
import EventBus
import FoundationEssentials
import ServiceKit
import System

/// Hands what happens to comments to the live streams of their items. Who reports and who moderates is not told there.
enum CommentBroadcast {
    /// What of an event the readers of a stream get.
    private struct News: Encodable {
        let id: Identifier
        let targetID: Identifier
        let authorID: Identifier
        let parentID: Identifier?
        let depth: Int
        let version: Int
        let excerpt: String?
        let timestamp: Timestamp

        enum CodingKeys: String, CodingKey {
            case targetID = "target_id"
            case authorID = "author_id"
            case parentID = "parent_id"
            case id, depth, version, excerpt, timestamp
        }

        init<Name>(_ change: CommentChange<Name>) {
            id = change.commentID
            targetID = change.targetID
            authorID = change.authorID
            parentID = change.parentID
            depth = change.depth
            version = change.version
            excerpt = change.excerpt
            timestamp = change.timestamp
        }
    }

    static func handle(_ event: Event, at position: EventPosition, _ feed: LiveFeed<Identifier>) throws {
        let change: News
        switch event.type {
        case CommentAdded.type: change = News(try event.decode(CommentAdded.self))
        case CommentEdited.type: change = News(try event.decode(CommentEdited.self))
        case CommentDeleted.type: change = News(try event.decode(CommentDeleted.self))
        case CommentHidden.type: change = News(try event.decode(CommentHidden.self))
        case CommentRestored.type: change = News(try event.decode(CommentRestored.self))
        default: return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = String(decoding: try encoder.encode(change), as: UTF8.self)
        feed.publish(event.type, data, to: change.targetID, at: position)
    }
}
