/// Who may see a media item once it is ready.
public enum MediaVisibility: String, Codable, Sendable, CaseIterable {
    /// Everybody.
    case `public`
    /// Its owner, and who holds a signed address.
    case `private`
}

/// What a media item turned out to be.
public enum MediaKind: String, Codable, Sendable, CaseIterable {
    /// A picture, possibly moving.
    case image
    /// A film.
    case video
}

/// Why an item could not be processed.
public enum MediaFailureReason: String, Codable, Sendable, CaseIterable {
    /// Nothing here processes content of this type.
    case unsupportedType = "unsupported_type"
    /// The content is not what its type says, or breaks off.
    case damaged
    /// Decoded, it would have more pixels than allowed.
    case tooManyPixels = "too_many_pixels"
    /// It has more frames than allowed.
    case tooManyFrames = "too_many_frames"
    /// It runs longer than allowed.
    case tooLong = "too_long"
    /// It has more bytes than are processed, or would make more than allowed.
    case tooLarge = "too_large"
    /// Processing took longer than allowed.
    case timedOut = "timed_out"
    /// Processing needed more memory than allowed.
    case outOfMemory = "out_of_memory"
    /// The worker cannot confine the tools here, and may not run them unconfined.
    case sandboxUnavailable = "sandbox_unavailable"
    /// Its owner may not upload any more.
    case refused
    /// Something else went wrong, again and again.
    case `internal`
}

/// A file that was made of a media item.
public struct MediaVariant: Codable, Sendable, Equatable {
    /// Unique within the item, such as `thumb.webp`.
    public var name: String
    /// The MIME type.
    public var contentType: String
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    /// Bytes.
    public var size: Int64
    /// SHA-256 of the content, lowercase hexadecimal: the blob's name in BlobStore.
    public var sha256: String

    /// Describes a variant.
    public init(name: String, contentType: String, width: Int, height: Int, size: Int64, sha256: String) {
        self.name = name
        self.contentType = contentType
        self.width = width
        self.height = height
        self.size = size
        self.sha256 = sha256
    }

    enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case name, width, height, size, sha256
    }
}

/// What variants are made by.
public enum MediaPresets {
    /// Raised with each change of the sizes or formats that workers make: items with a lower one can be processed anew.
    public static let version = 1
}
