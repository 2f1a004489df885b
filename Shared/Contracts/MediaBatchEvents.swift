public import EventBus
public import System

// What Media answers to `batch.started`, on `media-events`: key batch id, for it is about no item.

/// Room for all files of a batch is kept in its owner's quota (`media.batch-reserved`).
public struct MediaBatchReserved: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.batch-reserved"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier

    /// Makes the event.
    public init(batchID: Identifier, ownerID: Identifier) {
        self.batchID = batchID
        self.ownerID = ownerID
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
    }
}

/// A batch may not begin (`media.batch-refused`): nothing is kept for it.
public struct MediaBatchRefused: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.batch-refused"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Why: `quota_exceeded`, `user_banned`, or `token_revoked` when the account is gone.
    public var code: ErrorCode

    /// Makes the event.
    public init(batchID: Identifier, ownerID: Identifier, code: ErrorCode) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.code = code
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case code
    }
}
