public import EventBus
public import System

// How batches end (`batch-events`): one of these, once.

/// All that was sent is processed, and at least one file is ready (`batch.completed`): Media shows the ready items, all at once.
public struct BatchCompleted: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.completed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Who may see its items once it is complete.
    public var visibility: MediaVisibility
    /// How far its files are.
    public var counts: BatchCounts
    /// The files that are ready, in their order.
    public var files: [BatchReadyFile]
    /// The files that failed, in their order.
    public var failures: [BatchFailure]

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        visibility: MediaVisibility,
        counts: BatchCounts,
        files: [BatchReadyFile],
        failures: [BatchFailure]
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.visibility = visibility
        self.counts = counts
        self.files = files
        self.failures = failures
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case visibility, counts, files, failures
    }
}

/// Nothing came of the batch (`batch.failed`).
public struct BatchFailed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.failed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Why: `quota_exceeded` or `refused` before a byte came, else `nothing_ready`.
    public var reason: BatchFailureReason
    /// How far its files are.
    public var counts: BatchCounts
    /// The files that failed, in their order.
    public var failures: [BatchFailure]

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        reason: BatchFailureReason,
        counts: BatchCounts,
        failures: [BatchFailure]
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.reason = reason
        self.counts = counts
        self.failures = failures
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case reason, counts, failures
    }
}

/// Its owner wants it no more (`batch.cancelled`): what came of it is deleted.
public struct BatchCancelled: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.cancelled"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// How far its files are.
    public var counts: BatchCounts

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        counts: BatchCounts
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.counts = counts
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case counts
    }
}

/// It was not completed in time (`batch.expired`): what came of it is deleted.
public struct BatchExpired: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.expired"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// How far its files are.
    public var counts: BatchCounts

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        counts: BatchCounts
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.counts = counts
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case counts
    }
}
