/// What is made of an item. A change of these is another ``version``: Media asks for the items of older ones again.
enum Presets {
    static let version = 1

    /// Images fit into squares of these sides, never larger than the original, upright, in sRGB, without metadata; JPEG on
    /// white. Of an image that moves these show its first frame.
    static let images: [ImageJob.Rendition] = [("thumb", 256), ("small", 640), ("large", 1600)].flatMap { name, box in
        [
            ImageJob.Rendition(name: "\(name).webp", format: .webp, box: box, quality: 80),
            ImageJob.Rendition(name: "\(name).jpg", format: .jpeg, box: box, quality: 80),
        ]
    }

    /// Made in addition of an image that moves.
    static let animation = ImageJob.Rendition(name: "animation.webp", format: .webp, box: 480, quality: 70)

    /// Of a video's first second.
    static let posters = [
        ImageJob.Rendition(name: "poster.webp", format: .webp, box: 1280, quality: 80),
        ImageJob.Rendition(name: "poster.jpg", format: .jpeg, box: 1280, quality: 80),
        ImageJob.Rendition(name: "thumb.webp", format: .webp, box: 256, quality: 80),
        ImageJob.Rendition(name: "thumb.jpg", format: .jpeg, box: 256, quality: 80),
    ]

    /// Videos' shorter sides; H.264 and AAC in MP4.
    static let videoSides = [360, 720]
}

/// What a video may take.
struct VideoLimits: Sendable, Equatable {
    /// Width times height: 4096 by 2304.
    var pixels = 9_437_184
    /// Of the whole film: ten minutes of 120 a second.
    var frames = 72_000
    var seconds = 600.0
    /// Bytes of one file that is made.
    var fileSize: UInt64 = 1 << 30
    /// Bytes of address space of ffmpeg; it needs 500 MB.
    var memory: UInt64 = 3 << 29
    /// Seconds that transcoding may take for a second of film, at the least `minimumSeconds`.
    var secondsPerSecond = 8.0
    var minimumSeconds = 120.0
    /// Bytes of an original.
    static let sourceSize: Int64 = 4 << 30
}
