import Contracts

/// What the confined process is asked to make of one image; a line of JSON.
struct ImageJob: Codable, Equatable {
    /// A file to be made: the image scaled into a box of this size, never larger than it is.
    struct Rendition: Codable, Equatable {
        var name: String
        var format: ImageFormat
        /// Pixels of the box's side.
        var box: Int
        /// 1 to 100.
        var quality: Int
    }

    /// The path of the image, and the folder for what is made, as the confined process sees them.
    var input: String
    var directory: String
    /// What the content is said to be; anything else is refused.
    var contentType: String
    var limits: ImageLimits
    var renditions: [Rendition]
    /// Made in addition of an image that moves.
    var animation: Rendition?

    /// The file in `directory` that holds the ``ImageResult``.
    static let resultFile = "result.json"
}

/// What an image may take, decided from its header.
struct ImageLimits: Codable, Equatable {
    /// Width times height.
    var pixels = 50_000_000
    /// Width times height times frames.
    var animationPixels = 150_000_000
    var frames = 300
    /// Seconds of a processor for one image.
    var processorSeconds: UInt64 = 20
    /// Bytes of address space, the libraries included (about 250 MB).
    var memory: UInt64 = 1 << 30
    /// Bytes of one file that is made.
    var fileSize: UInt64 = 64 << 20
}

/// What images are written as.
enum ImageFormat: String, Codable {
    case jpeg = "image/jpeg"
    case webp = "image/webp"
}

/// What came of an ``ImageJob``: files, or why there are none. Written by the confined process, so believed in nothing.
struct ImageResult: Codable, Equatable {
    struct File: Codable, Equatable {
        var name: String
        var contentType: String
        var width: Int
        var height: Int
    }

    /// Of the image itself, upright.
    var width = 0
    var height = 0
    /// BlurHash.
    var placeholder = ""
    var files: [File] = []
    var failure: MediaFailureReason?
    /// The library's own words, for the log.
    var detail: String?
}
