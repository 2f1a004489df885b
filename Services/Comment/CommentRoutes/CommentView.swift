import Contracts
import EventBus
import FoundationEssentials
import Persistence
import ServiceKit
import System

/// A comment as clients see it. What is hidden, deleted or of somebody whom the reader blocks shows no text; what is deleted
/// shows no author.
struct CommentView: Encodable, Sendable {
    let comment: Comment
    let author: Profile?
    let mentionedIDs: [Identifier]
    /// Moderators see what is hidden.
    let isModerator: Bool
    /// Whether the reader wants nothing from the author.
    let isAuthorBlocked: Bool

    /// Looks up what belongs to a comment, for a reader who is known or not.
    init(
        _ comment: Comment,
        for reader: Identifier? = nil,
        isModerator: Bool = false,
        _ connection: Connection
    ) throws {
        self.comment = comment
        self.isModerator = isModerator
        if let reader, let author = comment.authorID {
            isAuthorBlocked = try connection.hasBlocked(reader, author)
        } else {
            isAuthorBlocked = false
        }
        author = try comment.authorID.flatMap { try connection.profile(of: $0) }
        let mayMention = comment.state != .deleted && comment.body?.utf8.contains(UInt8(ascii: "@")) == true
        mentionedIDs = mayMention ? try connection.mentions(in: comment.id) : []
    }

    private enum CodingKeys: String, CodingKey {
        case targetType = "target_type"
        case targetID = "target_id"
        case parentID = "parent_id"
        case authorID = "author_id"
        case authorHandle = "author_handle"
        case authorName = "author_name"
        case mentionedIDs = "mentioned_ids"
        case isPinned = "is_pinned"
        case isAuthorBlocked = "is_author_blocked"
        case createdAt = "created_at"
        case editedAt = "edited_at"
        case id, body, html, depth, state, version, likes, replies
    }

    func encode(to encoder: any Encoder) throws {
        let isShown = comment.state == .visible && !isAuthorBlocked || isModerator
        let isAnonymous = comment.state == .deleted
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(comment.id, forKey: .id)
        try values.encode(CommentTarget.media, forKey: .targetType)
        try values.encode(comment.targetID, forKey: .targetID)
        try values.encode(comment.parentID, forKey: .parentID)
        try values.encode(isAnonymous ? nil : comment.authorID, forKey: .authorID)
        try values.encode(isAnonymous ? nil : author?.handle, forKey: .authorHandle)
        try values.encode(isAnonymous ? nil : author?.name, forKey: .authorName)
        try values.encode(isShown ? comment.body : nil, forKey: .body)
        try values.encode(isShown ? comment.html : nil, forKey: .html)
        try values.encode(isShown ? mentionedIDs : [], forKey: .mentionedIDs)
        try values.encode(comment.depth, forKey: .depth)
        try values.encode(comment.state.rawValue, forKey: .state)
        try values.encode(comment.version, forKey: .version)
        try values.encode(comment.likes, forKey: .likes)
        try values.encode(comment.replies, forKey: .replies)
        try values.encode(comment.isPinned, forKey: .isPinned)
        try values.encode(isAuthorBlocked, forKey: .isAuthorBlocked)
        try values.encode(comment.createdAt, forKey: .createdAt)
        try values.encode(isShown ? comment.editedAt : nil, forKey: .editedAt)
    }
}

extension CommentView {
    /// Written by hand: one for every comment and fifty for every page.
    func json() -> [UInt8] {
        let isShown = comment.state == .visible && !isAuthorBlocked || isModerator
        let isAnonymous = comment.state == .deleted
        var object = FlatJSON(capacity: 512 + 2 * ((comment.body?.utf8.count ?? 0) + (comment.html?.utf8.count ?? 0)))
        func add(_ name: StaticString, _ text: String?) {
            if let text { object.add(name, text) } else { object.addNull(name) }
        }
        add("author_handle", isAnonymous ? nil : author?.handle)
        add("author_id", isAnonymous ? nil : comment.authorID?.description)
        add("author_name", isAnonymous ? nil : author?.name)
        add("body", isShown ? comment.body : nil)
        object.add("created_at", comment.createdAt)
        object.add("depth", Int64(comment.depth))
        add("edited_at", isShown ? comment.editedAt?.description : nil)
        add("html", isShown ? comment.html : nil)
        object.add("id", comment.id)
        object.add("is_author_blocked", isAuthorBlocked)
        object.add("is_pinned", comment.isPinned)
        object.add("likes", comment.likes)
        object.add("mentioned_ids", isShown ? mentionedIDs.map(\.description) : [])
        add("parent_id", comment.parentID?.description)
        object.add("replies", comment.replies)
        object.add("state", comment.state.rawValue)
        object.add("target_id", comment.targetID)
        object.add("target_type", CommentTarget.media.rawValue)
        object.add("version", Int64(comment.version))
        return object.finish()
    }
}

/// The comments of an item as a whole.
struct ThreadView: Encodable, Sendable {
    let comments: Int64
    let isLocked: Bool
    let slowSeconds: Int64

    init(_ thread: CommentThread) {
        (comments, isLocked, slowSeconds) = (thread.comments, thread.isLocked, thread.slowSeconds)
    }

    enum CodingKeys: String, CodingKey {
        case isLocked = "is_locked"
        case slowSeconds = "slow_mode_seconds"
        case comments
    }
}

/// An earlier text.
struct RevisionView: Encodable, Sendable {
    let version: Int
    let body: String
    let createdAt: Timestamp

    init(_ revision: Revision) {
        (version, body, createdAt) = (revision.version, revision.body, revision.createdAt)
    }

    enum CodingKeys: String, CodingKey {
        case createdAt = "created_at"
        case version, body
    }
}

/// A comment that waits for a moderator, with what is said against it.
struct ReportedView: Encodable, Sendable {
    /// Reports that are listed; all are counted.
    static let maximumReports = 20

    struct ReportView: Encodable, Sendable {
        let reporterID: Identifier
        let reason: ReportReason
        let note: String?
        let createdAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case reporterID = "reporter_id"
            case createdAt = "created_at"
            case reason, note
        }
    }

    let comment: CommentView
    let count: Int64
    let reportedAt: Timestamp
    let reports: [ReportView]

    init(_ comment: Comment, since: Timestamp, _ connection: Connection) throws {
        self.comment = try CommentView(comment, isModerator: true, connection)
        count = comment.reports
        reportedAt = since
        reports = try connection.openReports(of: comment.id, limit: Self.maximumReports).map { report in
            ReportView(
                reporterID: report.reporterID,
                reason: report.reason,
                note: report.note,
                createdAt: report.createdAt
            )
        }
    }

    enum CodingKeys: String, CodingKey {
        case reportedAt = "reported_at"
        case comment, count, reports
    }
}

/// What a moderator did.
struct ModerationView: Encodable, Sendable {
    let number: Int64
    let actorID: Identifier
    let action: String
    let subjectID: Identifier
    let reason: String?
    let createdAt: Timestamp

    init(_ action: ModerationAction) {
        number = action.number
        actorID = action.actorID
        self.action = action.action
        subjectID = action.subjectID
        reason = action.reason
        createdAt = action.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case actorID = "actor_id"
        case subjectID = "subject_id"
        case createdAt = "created_at"
        case action, reason
    }
}
