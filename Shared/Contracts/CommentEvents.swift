public import EventBus
public import System

/// What happened to a comment (`comment-events`): key the id of what is commented on, so the order of a whole discussion
/// holds; by Comment alone. The sequence is the comment's version.
public struct CommentChange<Name: EventName>: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .commentEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/comment" }

    /// The comment.
    public var commentID: Identifier
    /// What kind of thing is commented on.
    public var targetType: CommentTarget
    /// What is commented on.
    public var targetID: Identifier
    /// Whose thing that is.
    public var targetOwnerID: Identifier
    /// Who wrote the comment.
    public var authorID: Identifier
    /// The comment that this one replies to.
    public var parentID: Identifier?
    /// Who wrote that.
    public var parentAuthorID: Identifier?
    /// Whom an addition mentions by `@handle`; of an edit, who was not mentioned before. Else empty.
    public var mentionedIDs: [Identifier]
    /// 0 for a comment on the thing itself, 1 for a reply to that, and so on.
    public var depth: Int
    /// The comment's version, from 1: each change raises it.
    public var version: Int
    /// How the text begins, without markup, at most ``CommentExcerpt/maximumLength`` characters; absent when the text is
    /// gone or hidden.
    public var excerpt: String?
    /// Who did it: the author, who reports, or a moderator.
    public var actorID: Identifier
    /// Why, of a report, of what a moderator did and of a deletion (`author`, `moderator`, `erased`,
    /// `target_deleted`).
    public var reason: String?
    /// When it happened.
    public var timestamp: Timestamp

    /// Makes a change.
    public init(
        commentID: Identifier,
        targetType: CommentTarget = .media,
        targetID: Identifier,
        targetOwnerID: Identifier,
        authorID: Identifier,
        parentID: Identifier? = nil,
        parentAuthorID: Identifier? = nil,
        mentionedIDs: [Identifier] = [],
        depth: Int,
        version: Int,
        excerpt: String? = nil,
        actorID: Identifier,
        reason: String? = nil,
        timestamp: Timestamp
    ) {
        self.commentID = commentID
        self.targetType = targetType
        self.targetID = targetID
        self.targetOwnerID = targetOwnerID
        self.authorID = authorID
        self.parentID = parentID
        self.parentAuthorID = parentAuthorID
        self.mentionedIDs = mentionedIDs
        self.depth = depth
        self.version = version
        self.excerpt = excerpt
        self.actorID = actorID
        self.reason = reason
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { targetID.description }

    enum CodingKeys: String, CodingKey {
        case commentID = "comment_id"
        case targetType = "target_type"
        case targetID = "target_id"
        case targetOwnerID = "target_owner_id"
        case authorID = "author_id"
        case parentID = "parent_id"
        case parentAuthorID = "parent_author_id"
        case mentionedIDs = "mentioned_ids"
        case actorID = "actor_id"
        case depth, version, excerpt, reason, timestamp
    }

    /// Written by hand: one for every comment.
    public func json() -> [UInt8] {
        var object = FlatJSON(capacity: 1024)
        object.add("actor_id", actorID)
        object.add("author_id", authorID)
        object.add("comment_id", commentID)
        object.add("depth", Int64(depth))
        object.add("excerpt", excerpt)
        object.add("mentioned_ids", mentionedIDs.map(\.description))
        object.add("parent_author_id", parentAuthorID)
        object.add("parent_id", parentID)
        object.add("reason", reason)
        object.add("target_id", targetID)
        object.add("target_owner_id", targetOwnerID)
        object.add("target_type", targetType.rawValue)
        object.add("timestamp", timestamp)
        object.add("version", Int64(version))
        return object.finish()
    }

    /// Read by hand: one for every comment, by each that follows them.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let actorID = object.id("actor_id"),
            let authorID = object.id("author_id"), let commentID = object.id("comment_id"),
            let depth = object.number("depth").flatMap(Int.init(exactly:)),
            let mentioned = object.texts("mentioned_ids"), let targetID = object.id("target_id"),
            let targetOwnerID = object.id("target_owner_id"),
            let targetType = object.text("target_type").flatMap(CommentTarget.init(rawValue:)),
            let timestamp = object.instant("timestamp"),
            let version = object.number("version").flatMap(Int.init(exactly:))
        else { return nil }
        let change = Self(
            commentID: commentID,
            targetType: targetType,
            targetID: targetID,
            targetOwnerID: targetOwnerID,
            authorID: authorID,
            parentID: object.id("parent_id"),
            parentAuthorID: object.id("parent_author_id"),
            mentionedIDs: mentioned.compactMap { Identifier($0) },
            depth: depth,
            version: version,
            excerpt: object.text("excerpt"),
            actorID: actorID,
            reason: object.text("reason"),
            timestamp: timestamp
        )
        let isWhole =
            change.mentionedIDs.count == mentioned.count
            && (change.parentID != nil || object.isAbsent("parent_id"))
            && (change.parentAuthorID != nil || object.isAbsent("parent_author_id"))
            && (change.excerpt != nil || object.isAbsent("excerpt"))
            && (change.reason != nil || object.isAbsent("reason"))
        return isWhole ? change : nil
    }
}

/// What can be commented on.
public enum CommentTarget: String, Codable, Sendable, CaseIterable {
    /// A picture or a film.
    case media
}

/// What of a comment's text is told to others.
public enum CommentExcerpt {
    /// Characters.
    public static let maximumLength = 140
}

/// Names of comment changes.
public enum CommentChangeName {
    /// `comment.added`.
    public enum Added: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.added"
    }
    /// `comment.edited`.
    public enum Edited: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.edited"
    }
    /// `comment.deleted`.
    public enum Deleted: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.deleted"
    }
    /// `comment.reported`.
    public enum Reported: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.reported"
    }
    /// `comment.hidden`.
    public enum Hidden: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.hidden"
    }
    /// `comment.restored`.
    public enum Restored: EventName {
        /// See ``EventName/type``.
        public static let type = "comment.restored"
    }
}

/// Somebody wrote a comment.
public typealias CommentAdded = CommentChange<CommentChangeName.Added>
/// Its author changed the text.
public typealias CommentEdited = CommentChange<CommentChangeName.Edited>
/// The text is gone for good; replies stay.
public typealias CommentDeleted = CommentChange<CommentChangeName.Deleted>
/// Somebody finds that a moderator should look at it; the version stays.
public typealias CommentReported = CommentChange<CommentChangeName.Reported>
/// A moderator took it out of sight.
public typealias CommentHidden = CommentChange<CommentChangeName.Hidden>
/// A moderator put it back.
public typealias CommentRestored = CommentChange<CommentChangeName.Restored>
