import Contracts
import System

/// What somebody wrote about an item, or in reply to another comment.
///
///     visible ⇄ hidden (a moderator)        visible | hidden ─▶ deleted (its author, a moderator, or the account is gone)
///
/// A hidden or deleted comment stays where it is as a tombstone, so that its replies keep their place.
struct Comment: Sendable, Equatable {
    enum State: String, Sendable, CaseIterable {
        case visible, hidden, deleted
    }

    /// Its place among all comments, in the order they were stored.
    var number: Int64
    let id: Identifier
    let targetID: Identifier
    let parentID: Identifier?
    /// Nil when the account is gone.
    var authorID: Identifier?
    let depth: Int
    /// As written, cleaned; nil when deleted.
    var body: String?
    /// What is shown of it; nil when deleted.
    var html: String?
    var state = State.visible
    var version = 1
    let createdAt: Timestamp
    var editedAt: Timestamp?
    /// As Like last told.
    var likes: Int64 = 0
    /// Reports that no moderator has decided on.
    var reports: Int64 = 0
    /// Direct replies, tombstones too.
    var replies: Int64 = 0
    var isPinned = false
    /// ``rank`` as it is stored, which is where the comment is listed.
    var listedRank: Int64 = 0

    /// Where it is listed: among the comments of its target, or among the replies to its parent.
    var levelID: Identifier { parentID ?? targetID }

    /// Its place by `top`: a pinned one first, then by ``WilsonScore`` of likes against reports, in billionths.
    var rank: Int64 {
        let bound = WilsonScore.lowerBound(positive: likes, total: likes + reports)
        return Int64(bound * Self.rankScale) + (isPinned ? 2 * Int64(Self.rankScale) : 0)
    }

    private static let rankScale = 1e9

    /// A new text by its author.
    mutating func edit(_ text: CommentText, _ rendered: RenderedText, at now: Timestamp) {
        (body, html, editedAt) = (text.text, rendered.html, now)
        version += 1
    }

    /// Leaves a tombstone.
    mutating func delete() {
        (body, html, state, isPinned, reports) = (nil, nil, .deleted, false, 0)
        version += 1
    }

    /// What a moderator decides ends what was reported.
    mutating func moderate(_ decision: State) {
        reports = 0
        guard state != decision else { return }
        state = decision
        if decision != .visible { isPinned = false }
        version += 1
    }
}

/// An item that can be commented on, as its service tells.
struct Target: Sendable, Equatable {
    let id: Identifier
    let ownerID: Identifier
    var isPublic: Bool
    var isReady: Bool
    var isDeleted: Bool

    /// Whether there is such an item for somebody: all may see what is public and ready, its owner all that is there.
    func isVisible(to user: Identifier?) -> Bool {
        !isDeleted && (isPublic && isReady || user == ownerID)
    }
}

/// What moderators set for the comments of an item, and how many there are.
struct CommentThread: Sendable, Equatable {
    var comments: Int64 = 0
    var isLocked = false
    /// Between two comments of one person; 0 is no slow mode.
    var slowSeconds: Int64 = 0
}

/// Why somebody reports a comment.
enum ReportReason: String, Codable, Sendable, CaseIterable {
    case spam, abuse, hate, sexual, violence, other
}

/// The order of a list.
enum CommentSort: String, Sendable, CaseIterable {
    case new, old, top
}
