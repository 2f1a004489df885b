public import EventBus
public import System

// What happened to media items (`media-events`): key media id, by Media alone.

/// An item's content is stored and is to be processed (`media.uploaded`): the job of a worker. Asked again, with another
/// `preset_version`, when presets change; the job's id is the event's id.
public struct MediaUploaded: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.uploaded"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Who may see it once it is ready; private until its batch is published.
    public var visibility: MediaVisibility
    /// What the content is, found from the content.
    public var contentType: String
    /// Bytes.
    public var size: Int64
    /// SHA-256 of the content, lowercase hexadecimal: the blob's name in BlobStore.
    public var sha256: String
    /// What the uploader calls it; never a path.
    public var fileName: String?
    /// The batch it came with.
    public var batchID: Identifier?
    /// Its place in the batch, from 0.
    public var batchIndex: Int?
    /// The version of the presets that the variants are made by.
    public var presetVersion: Int

    /// Makes the event.
    public init(
        mediaID: Identifier,
        ownerID: Identifier,
        visibility: MediaVisibility,
        contentType: String,
        size: Int64,
        sha256: String,
        fileName: String? = nil,
        batchID: Identifier? = nil,
        batchIndex: Int? = nil,
        presetVersion: Int
    ) {
        self.mediaID = mediaID
        self.ownerID = ownerID
        self.visibility = visibility
        self.contentType = contentType
        self.size = size
        self.sha256 = sha256
        self.fileName = fileName
        self.batchID = batchID
        self.batchIndex = batchIndex
        self.presetVersion = presetVersion
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
        case contentType = "content_type"
        case fileName = "file_name"
        case batchID = "batch_id"
        case batchIndex = "batch_index"
        case presetVersion = "preset_version"
        case visibility, size, sha256
    }
}

/// Processing goes on (`media.processing-progressed`).
public struct MediaProcessingProgressed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.processing-progressed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// 0 to 100.
    public var percent: Int
    /// What is being done, such as `transcoding`.
    public var stage: String

    /// Makes the event.
    public init(mediaID: Identifier, ownerID: Identifier, percent: Int, stage: String) {
        self.mediaID = mediaID
        self.ownerID = ownerID
        self.percent = percent
        self.stage = stage
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
        case percent, stage
    }
}

/// The item is ready (`media.processed`); at most one terminal event a job.
public struct MediaProcessed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.processed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Who may see it now; private until its batch is published.
    public var visibility: MediaVisibility
    /// What it is.
    public var kind: MediaKind
    /// Pixels, upright (after rotation by EXIF).
    public var width: Int
    /// Pixels, upright.
    public var height: Int
    /// How long a video runs.
    public var durationMilliseconds: Int64?
    /// A few colours to show until the image is there (BlurHash).
    public var placeholder: String
    /// What was made of it; each is a blob in BlobStore.
    public var variants: [MediaVariant]
    /// The batch it came with.
    public var batchID: Identifier?
    /// Its place in the batch, from 0.
    public var batchIndex: Int?

    /// Makes the event.
    public init(
        mediaID: Identifier,
        ownerID: Identifier,
        visibility: MediaVisibility,
        kind: MediaKind,
        width: Int,
        height: Int,
        durationMilliseconds: Int64? = nil,
        placeholder: String,
        variants: [MediaVariant],
        batchID: Identifier? = nil,
        batchIndex: Int? = nil
    ) {
        self.mediaID = mediaID
        self.ownerID = ownerID
        self.visibility = visibility
        self.kind = kind
        self.width = width
        self.height = height
        self.durationMilliseconds = durationMilliseconds
        self.placeholder = placeholder
        self.variants = variants
        self.batchID = batchID
        self.batchIndex = batchIndex
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
        case durationMilliseconds = "duration_ms"
        case batchID = "batch_id"
        case batchIndex = "batch_index"
        case visibility, kind, width, height, placeholder, variants
    }
}

/// The item could not be processed (`media.failed`); at most one terminal event a job.
public struct MediaFailed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.failed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Why, for programs.
    public var reason: MediaFailureReason
    /// Why, for people; without paths or the tools' own output.
    public var detail: String
    /// The batch it came with.
    public var batchID: Identifier?
    /// Its place in the batch, from 0.
    public var batchIndex: Int?

    /// Makes the event.
    public init(
        mediaID: Identifier,
        ownerID: Identifier,
        reason: MediaFailureReason,
        detail: String,
        batchID: Identifier? = nil,
        batchIndex: Int? = nil
    ) {
        self.mediaID = mediaID
        self.ownerID = ownerID
        self.reason = reason
        self.detail = detail
        self.batchID = batchID
        self.batchIndex = batchIndex
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
        case batchID = "batch_id"
        case batchIndex = "batch_index"
        case reason, detail
    }
}

/// Others may see the item from now on, once it is ready, or no longer (`media.visibility-changed`): its owner changed it, or
/// its batch is published.
public struct MediaVisibilityChanged: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.visibility-changed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier
    /// Who may see it.
    public var visibility: MediaVisibility

    /// Makes the event.
    public init(mediaID: Identifier, ownerID: Identifier, visibility: MediaVisibility) {
        self.mediaID = mediaID
        self.ownerID = ownerID
        self.visibility = visibility
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
        case visibility
    }
}

/// The item and all that was made of it are gone (`media.deleted`).
public struct MediaDeleted: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.deleted"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaEvents
    /// See ``EventPayload/source``.
    public static let source = "/media"

    /// The item.
    public var mediaID: Identifier
    /// Whose it is.
    public var ownerID: Identifier

    /// Makes the event.
    public init(mediaID: Identifier, ownerID: Identifier) {
        self.mediaID = mediaID
        self.ownerID = ownerID
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case ownerID = "owner_id"
    }
}
