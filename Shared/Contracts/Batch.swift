public import System

/// A file that a batch announces.
public struct BatchManifestFile: Codable, Sendable, Equatable {
    /// Its place in the batch, from 0.
    public var index: Int
    /// What the uploader calls it; never a path.
    public var name: String
    /// Bytes.
    public var size: Int64
    /// What the uploader says it is; the content decides.
    public var contentType: String
    /// SHA-256 that the content must have, lowercase hexadecimal.
    public var sha256: String?

    /// Describes a file.
    public init(index: Int, name: String, size: Int64, contentType: String, sha256: String? = nil) {
        self.index = index
        self.name = name
        self.size = size
        self.contentType = contentType
        self.sha256 = sha256
    }

    enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case index, name, size, sha256
    }
}

/// How many files of a batch are how far; `total` is the rest and these together.
public struct BatchCounts: Codable, Sendable, Equatable {
    /// All.
    public var total: Int
    /// All bytes of which have come, whatever became of them since.
    public var received: Int
    /// Processed, and to be seen when the batch is complete.
    public var ready: Int
    /// Failed.
    public var failed: Int

    /// Counts.
    public init(total: Int, received: Int, ready: Int, failed: Int) {
        self.total = total
        self.received = received
        self.ready = ready
        self.failed = failed
    }
}

/// Why a file of a batch, or all of it, failed.
public enum BatchFailureReason: String, Codable, Sendable, CaseIterable {
    /// Not all of its bytes had come when the batch was completed.
    case incomplete
    /// The content has not the digest that was announced.
    case digestMismatch = "digest_mismatch"
    /// The bytes that had come are lost.
    case lost
    /// The owner's quota has no room for the batch.
    case quotaExceeded = "quota_exceeded"
    /// The owner may not upload.
    case refused
    /// None of the files is ready.
    case nothingReady = "nothing_ready"
    /// The item was deleted before the batch was complete.
    case deleted
    /// See ``MediaFailureReason/unsupportedType``.
    case unsupportedType = "unsupported_type"
    /// See ``MediaFailureReason/damaged``.
    case damaged
    /// See ``MediaFailureReason/tooManyPixels``.
    case tooManyPixels = "too_many_pixels"
    /// See ``MediaFailureReason/tooManyFrames``.
    case tooManyFrames = "too_many_frames"
    /// See ``MediaFailureReason/tooLong``.
    case tooLong = "too_long"
    /// See ``MediaFailureReason/tooLarge``.
    case tooLarge = "too_large"
    /// See ``MediaFailureReason/timedOut``.
    case timedOut = "timed_out"
    /// See ``MediaFailureReason/outOfMemory``.
    case outOfMemory = "out_of_memory"
    /// See ``MediaFailureReason/sandboxUnavailable``.
    case sandboxUnavailable = "sandbox_unavailable"
    /// Something else went wrong, again and again.
    case `internal`

    /// The reason for which an item could not be processed.
    public init(_ reason: MediaFailureReason) {
        self = BatchFailureReason(rawValue: reason.rawValue) ?? .internal
    }
}

/// A file of a batch that became a media item.
public struct BatchReadyFile: Codable, Sendable, Equatable {
    /// Its place in the batch, from 0.
    public var index: Int
    /// The item.
    public var mediaID: Identifier

    /// Names a file and its item.
    public init(index: Int, mediaID: Identifier) {
        self.index = index
        self.mediaID = mediaID
    }

    enum CodingKeys: String, CodingKey {
        case mediaID = "media_id"
        case index
    }
}

/// A file of a batch that failed.
public struct BatchFailure: Codable, Sendable, Equatable {
    /// Its place in the batch, from 0.
    public var index: Int
    /// What the uploader calls it.
    public var name: String
    /// Why.
    public var reason: BatchFailureReason

    /// Describes a failure.
    public init(index: Int, name: String, reason: BatchFailureReason) {
        self.index = index
        self.name = name
        self.reason = reason
    }
}
