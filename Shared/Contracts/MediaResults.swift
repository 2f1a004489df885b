public import EventBus
public import System

// What became of jobs (`media-results`): key media id, by MediaWorker. A result's id is derived from the job's (UUIDv8), so a
// repeat has the same id; Media turns the first terminal result of an item's current job into one terminal media event.

/// A job goes on (`media.job-progressed`).
public struct MediaJobProgressed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.job-progressed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaResults
    /// See ``EventPayload/source``.
    public static let source = "/media-worker"

    /// The item.
    public var mediaID: Identifier
    /// The id of the `media.uploaded` event that asked for it.
    public var jobID: Identifier
    /// 0 to 100.
    public var percent: Int
    /// What is being done, such as `transcoding`.
    public var stage: String

    /// Makes the event.
    public init(
        mediaID: Identifier,
        jobID: Identifier,
        percent: Int,
        stage: String
    ) {
        self.mediaID = mediaID
        self.jobID = jobID
        self.percent = percent
        self.stage = stage
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case jobID = "job_id"
        case percent, stage
    }
}

/// A job is done; its variants are in BlobStore (`media.job-finished`).
public struct MediaJobFinished: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.job-finished"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaResults
    /// See ``EventPayload/source``.
    public static let source = "/media-worker"

    /// The item.
    public var mediaID: Identifier
    /// The id of the `media.uploaded` event that asked for it.
    public var jobID: Identifier
    /// The version of the presets that the variants are made by.
    public var presetVersion: Int
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

    /// Makes the event.
    public init(
        mediaID: Identifier,
        jobID: Identifier,
        presetVersion: Int,
        kind: MediaKind,
        width: Int,
        height: Int,
        durationMilliseconds: Int64? = nil,
        placeholder: String,
        variants: [MediaVariant]
    ) {
        self.mediaID = mediaID
        self.jobID = jobID
        self.presetVersion = presetVersion
        self.kind = kind
        self.width = width
        self.height = height
        self.durationMilliseconds = durationMilliseconds
        self.placeholder = placeholder
        self.variants = variants
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case jobID = "job_id"
        case presetVersion = "preset_version"
        case durationMilliseconds = "duration_ms"
        case kind, width, height, placeholder, variants
    }
}

/// A job failed for good (`media.job-failed`).
public struct MediaJobFailed: EventPayload, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "media.job-failed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.mediaResults
    /// See ``EventPayload/source``.
    public static let source = "/media-worker"

    /// The item.
    public var mediaID: Identifier
    /// The id of the `media.uploaded` event that asked for it.
    public var jobID: Identifier
    /// Why, for programs.
    public var reason: MediaFailureReason
    /// Why, for people; without paths or the tools' own output.
    public var detail: String

    /// Makes the event.
    public init(
        mediaID: Identifier,
        jobID: Identifier,
        reason: MediaFailureReason,
        detail: String
    ) {
        self.mediaID = mediaID
        self.jobID = jobID
        self.reason = reason
        self.detail = detail
    }

    /// See ``EventPayload/key``.
    public var key: String { mediaID.description }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case jobID = "job_id"
        case reason, detail
    }
}
