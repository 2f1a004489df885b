public import EventBus
public import System

/// Whether somebody likes something has changed (`like-events`): key is the target, so the changes of one stand in the order
/// they were made, each with the number of likes after it. The event's sequence counts the changes of the target.
public struct LikeChange<Name: EventName>: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .likeEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/like" }

    /// What kind of thing it is.
    public var targetType: LikeTarget
    /// The thing.
    public var targetID: Identifier
    /// Whose it is; nobody is told of their own likes.
    public var targetOwnerID: Identifier
    /// How it is liked.
    public var reaction: Reaction
    /// Who likes it, or does no more.
    public var userID: Identifier
    /// The likes of the target after this change.
    public var count: Int64
    /// Why a like was removed; nil for one that was added.
    public var reason: LikeRemovalReason?
    /// When it was decided.
    public var timestamp: Timestamp

    /// Makes a change.
    public init(
        targetType: LikeTarget,
        targetID: Identifier,
        targetOwnerID: Identifier,
        reaction: Reaction = .like,
        userID: Identifier,
        count: Int64,
        reason: LikeRemovalReason? = nil,
        timestamp: Timestamp
    ) {
        self.targetType = targetType
        self.targetID = targetID
        self.targetOwnerID = targetOwnerID
        self.reaction = reaction
        self.userID = userID
        self.count = count
        self.reason = reason
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { targetID.description }

    enum CodingKeys: String, CodingKey {
        case targetType = "target_type"
        case targetID = "target_id"
        case targetOwnerID = "target_owner_id"
        case userID = "user_id"
        case reaction, count, reason, timestamp
    }

    /// Written by hand: one for every like.
    public func json() -> [UInt8] {
        var object = FlatJSON(capacity: 384)
        object.add("count", count)
        object.add("reaction", reaction.rawValue)
        object.add("reason", reason?.rawValue)
        object.add("target_id", targetID)
        object.add("target_owner_id", targetOwnerID)
        object.add("target_type", targetType.rawValue)
        object.add("timestamp", timestamp)
        object.add("user_id", userID)
        return object.finish()
    }

    /// Read by hand: one for every like.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let count = object.number("count"),
            let reaction = object.text("reaction").flatMap(Reaction.init(rawValue:)),
            let targetID = object.id("target_id"), let targetOwnerID = object.id("target_owner_id"),
            let targetType = object.text("target_type").flatMap(LikeTarget.init(rawValue:)),
            let timestamp = object.instant("timestamp"), let userID = object.id("user_id")
        else { return nil }
        let reason = object.text("reason").flatMap(LikeRemovalReason.init(rawValue:))
        guard reason != nil || object.isAbsent("reason") else { return nil }
        return Self(
            targetType: targetType,
            targetID: targetID,
            targetOwnerID: targetOwnerID,
            reaction: reaction,
            userID: userID,
            count: count,
            reason: reason,
            timestamp: timestamp
        )
    }
}

/// Names of changes of likes.
public enum LikeChangeName {
    /// `like.added`.
    public enum Added: EventName {
        /// See ``EventName/type``.
        public static let type = "like.added"
    }
    /// `like.removed`.
    public enum Removed: EventName {
        /// See ``EventName/type``.
        public static let type = "like.removed"
    }
}

/// Somebody likes something that they did not like before.
public typealias LikeAdded = LikeChange<LikeChangeName.Added>
/// A like is gone that was there.
public typealias LikeRemoved = LikeChange<LikeChangeName.Removed>

/// How something is liked. One kind today; readers leave out what they do not know.
public enum Reaction: String, Codable, Sendable, CaseIterable {
    /// The one there is.
    case like
}

/// Why a like was removed.
public enum LikeRemovalReason: String, Codable, Sendable, CaseIterable {
    /// Its user took it back.
    case unliked
    /// Its target is gone.
    case targetDeleted = "target_deleted"
    /// Its user is gone.
    case userErased = "user_erased"
}

/// What Like counts of a target (`like.counts-reported`), a minute after a change at the latest: what read models of
/// `like-events` reconcile with.
///
/// It holds for its own place in the log: each change of the target that stands before it in the partition is counted, and
/// none behind it.
public struct LikeCountsReported: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "like.counts-reported"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.likeEvents
    /// See ``EventPayload/source``.
    public static let source = "/like"

    /// What kind of thing it is.
    public var targetType: LikeTarget
    /// The thing.
    public var targetID: Identifier
    /// How it is liked.
    public var reaction: Reaction
    /// The likes it has: all added so far but those removed.
    public var count: Int64
    /// All `like.added` so far.
    public var added: Int64
    /// All `like.removed` so far.
    public var removed: Int64
    /// When it was counted.
    public var timestamp: Timestamp
    /// The next offset to read, by `<topic>-<partition>`, of what Like consumes: all that stands before it had taken
    /// effect.
    public var offsets: [String: Int64]

    /// Makes a report.
    public init(
        targetType: LikeTarget,
        targetID: Identifier,
        reaction: Reaction = .like,
        count: Int64,
        added: Int64,
        removed: Int64,
        timestamp: Timestamp,
        offsets: [String: Int64]
    ) {
        self.targetType = targetType
        self.targetID = targetID
        self.reaction = reaction
        self.count = count
        self.added = added
        self.removed = removed
        self.timestamp = timestamp
        self.offsets = offsets
    }

    /// See ``EventPayload/key``.
    public var key: String { targetID.description }

    enum CodingKeys: String, CodingKey {
        case targetType = "target_type"
        case targetID = "target_id"
        case reaction, count, added, removed, timestamp, offsets
    }
}
