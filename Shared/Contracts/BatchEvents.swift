public import EventBus
public import System

// What happens to batches of uploads (`batch-events`): key batch id, by BatchUpload alone. Of a batch that was started there is
// exactly one terminal event: completed, failed, cancelled or expired. None of its files is told of after it.

/// A batch is announced (`batch.started`): Media reserves its room and answers with `media.batch-reserved` or
/// `media.batch-refused`.
public struct BatchStarted: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.started"
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
    /// What it will hold, in the order of the places.
    public var files: [BatchManifestFile]
    /// Bytes of all files together.
    public var totalSize: Int64
    /// When it is over unless it is completed; BatchUpload alone decides that it is.
    public var expiresAt: Timestamp

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        visibility: MediaVisibility,
        files: [BatchManifestFile],
        totalSize: Int64,
        expiresAt: Timestamp
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.visibility = visibility
        self.files = files
        self.totalSize = totalSize
        self.expiresAt = expiresAt
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case totalSize = "total_size"
        case expiresAt = "expires_at"
        case visibility, files
    }
}

/// A part of a file is durable (`batch.part-received`). With `is_file_whole` it is the job of a worker, once a file.
public struct BatchPartReceived: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.part-received"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// The file's place in the batch, from 0.
    public var index: Int
    /// The part's number, from 0; of several that came in one request the last.
    public var part: Int
    /// Bytes that came with the request.
    public var size: Int64
    /// Bytes of the whole batch that are durable now.
    public var receivedBytes: Int64
    /// Whether all parts of the file are there now.
    public var isFileWhole: Bool

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        index: Int,
        part: Int,
        size: Int64,
        receivedBytes: Int64,
        isFileWhole: Bool
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.index = index
        self.part = part
        self.size = size
        self.receivedBytes = receivedBytes
        self.isFileWhole = isFileWhole
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case receivedBytes = "received_bytes"
        case isFileWhole = "is_file_whole"
        case index, part, size
    }
}

/// A file is whole, has the digest it should have and lies in BlobStore (`batch.file-stored`): Media makes an item of it that
/// nobody sees before the batch is complete.
public struct BatchFileStored: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.file-stored"
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
    /// The file's place in the batch, from 0.
    public var index: Int
    /// What the uploader calls it; never a path.
    public var name: String
    /// What the uploader says it is; the content decides.
    public var contentType: String
    /// Bytes.
    public var size: Int64
    /// SHA-256 of the content, lowercase hexadecimal: the blob's name in BlobStore.
    public var sha256: String

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        visibility: MediaVisibility,
        index: Int,
        name: String,
        contentType: String,
        size: Int64,
        sha256: String
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.visibility = visibility
        self.index = index
        self.name = name
        self.contentType = contentType
        self.size = size
        self.sha256 = sha256
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case contentType = "content_type"
        case visibility, index, name, size, sha256
    }
}

/// One more file is ready (`batch.progressed`).
public struct BatchProgressed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.progressed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// The file's place in the batch, from 0.
    public var index: Int
    /// The item it became.
    public var mediaID: Identifier
    /// How far its files are.
    public var counts: BatchCounts

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        index: Int,
        mediaID: Identifier,
        counts: BatchCounts
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.index = index
        self.mediaID = mediaID
        self.counts = counts
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case mediaID = "media_id"
        case index, counts
    }
}

/// A file failed (`batch.item-failed`); the others go on.
public struct BatchItemFailed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "batch.item-failed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.batchEvents
    /// See ``EventPayload/source``.
    public static let source = "/batch-upload"

    /// The batch.
    public var batchID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// The file's place in the batch, from 0.
    public var index: Int
    /// What the uploader calls it; never a path.
    public var name: String
    /// Why, for programs.
    public var reason: BatchFailureReason
    /// Why, for people.
    public var detail: String
    /// How far its files are.
    public var counts: BatchCounts

    /// Makes the event.
    public init(
        batchID: Identifier,
        ownerID: Identifier,
        index: Int,
        name: String,
        reason: BatchFailureReason,
        detail: String,
        counts: BatchCounts
    ) {
        self.batchID = batchID
        self.ownerID = ownerID
        self.index = index
        self.name = name
        self.reason = reason
        self.detail = detail
        self.counts = counts
    }

    /// See ``EventPayload/key``.
    public var key: String { batchID.description }

    enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case ownerID = "owner_id"
        case index, name, reason, detail, counts
    }
}
