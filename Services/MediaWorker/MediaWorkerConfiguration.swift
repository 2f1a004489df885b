import BlobStore
import ServiceKit
import System

/// MediaWorker's own variables.
struct MediaWorkerConfiguration: Sendable {
    /// Whether tools must be confined, `MEDIA_SANDBOX`: `required` or `off`.
    let sandbox: Sandbox.Mode
    /// Jobs at a time, `MEDIA_JOBS`; one a core.
    let jobs: Int
    /// Where content lies, `BLOB_STORE`; the folder of this service must be on the same disk.
    let blobStore: String
    let images: ImageLimits
    let videos: VideoLimits

    init(_ reader: inout ConfigurationReader) {
        sandbox = reader.choice("MEDIA_SANDBOX", default: .required)
        jobs = reader.integer("MEDIA_JOBS", default: min(64, Process.processors), in: 1...64)
        let data = reader.string("DATA_DIR", default: reader.string("MARQUEE_DATA", default: ".marquee"))
        blobStore = reader.string("BLOB_STORE", default: "file:\(data)/blobs")
        var (images, videos) = (ImageLimits(), VideoLimits())
        images.pixels = reader.integer("MEDIA_MAX_PIXELS", default: images.pixels, in: 1...500_000_000)
        images.frames = reader.integer("MEDIA_MAX_FRAMES", default: images.frames, in: 1...10_000)
        videos.seconds = Double(reader.integer("MEDIA_MAX_SECONDS", default: Int(videos.seconds), in: 1...36_000))
        (self.images, self.videos) = (images, videos)
    }
}
