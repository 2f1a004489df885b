import Contracts
import System

/// Makes the files of a video by ffmpeg, confined: a poster frame, and H.264 with AAC in MP4 that plays while it loads.
/// Blocks, on a worker thread.
struct VideoTranscoder {
    static let ffmpeg = "/usr/bin/ffmpeg"
    static let ffprobe = "/usr/bin/ffprobe"

    /// ffmpeg's readers by content type: no other is tried, so that a playlist cannot name files.
    private static let formats = [
        "video/mp4": "mov", "video/quicktime": "mov", "video/3gpp": "mov", "video/x-m4v": "mov",
        "video/webm": "matroska", "video/x-matroska": "matroska",
    ]

    static func reads(_ contentType: String) -> Bool { formats[contentType] != nil }

    private static let (probeFile, posterFile) = ("probe.json", "poster.png")
    private static let reportLimit = 64 << 10
    private static let probeSeconds = 30.0

    let slot: JobSlot
    let limits: VideoLimits
    /// The name of the original in the slot's input folder, and ffmpeg's name of its format.
    let source: String
    let format: String

    init(slot: JobSlot, limits: VideoLimits, source: String, contentType: String) throws {
        guard let format = Self.formats[contentType] else { throw JobFailure(reason: .unsupportedType) }
        self.slot = slot
        self.limits = limits
        self.source = source
        self.format = format
    }

    private var input: String { "\(slot.sandbox.input(slot.place))/\(source)" }
    private var output: String { slot.sandbox.output(slot.place) }

    /// What it says of itself.
    func probe() throws -> VideoProbe {
        let arguments = VideoProbe.arguments(input: input, format: format, output: "\(output)/\(Self.probeFile)")
        try run(Self.ffprobe, arguments, seconds: Self.probeSeconds)
        let path = "\(slot.place.output)/\(Self.probeFile)"
        guard File.regularFileSize(path) != nil else { throw JobFailure(reason: .damaged, cause: "no report") }
        return try VideoProbe(report: try File.read(path, limit: Self.reportLimit), limits: limits)
    }

    /// Writes a frame of the first second and moves it to the input folder; its name there.
    func poster(of video: VideoProbe) throws -> String {
        let place = String(min(1, video.seconds / 2))
        let box = "scale=w='min(iw,1280)':h='min(ih,1280)':force_original_aspect_ratio=decrease"
        let arguments = reading + ["-ss", place, "-i", input, "-map", "0:v:0", "-frames:v", "1", "-vf", box]
        try run(Self.ffmpeg, arguments + ["-f", "image2", "\(output)/\(Self.posterFile)"], seconds: Self.probeSeconds)
        let path = "\(slot.place.output)/\(Self.posterFile)"
        guard File.regularFileSize(path) != nil else { throw JobFailure(reason: .damaged, cause: "no frame") }
        try File.rename(path, to: "\(slot.place.input)/\(Self.posterFile)")
        return Self.posterFile
    }

    /// Writes the ladder, decoding once; tells how far it is, from 0 to 1.
    func transcode(_ video: VideoProbe, progress: (Double) -> Void) throws -> [ImageResult.File] {
        let ladder = video.ladder(Presets.videoSides)
        var arguments = reading + ["-progress", "pipe:1", "-i", input]
        for rung in ladder { arguments += encoding(rung.width, rung.height) + ["\(output)/\(rung.name)"] }
        let seconds = max(limits.minimumSeconds, video.seconds * limits.secondsPerSecond)
        try run(Self.ffmpeg, arguments, seconds: seconds) {
            if let done = secondsDone() { progress(min(1, done / video.seconds)) }
        }
        return ladder.map { .init(name: $0.name, contentType: "video/mp4", width: $0.width, height: $0.height) }
    }

    private var reading: [String] {
        ["-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", "-threads", "1", "-f", format]
    }

    private func encoding(_ width: Int, _ height: Int) -> [String] {
        [
            "-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
            "-vf", "scale=\(width):\(height),setsar=1", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
            "-pix_fmt", "yuv420p", "-threads", "1", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
            "-movflags", "+faststart", "-fflags", "+bitexact", "-t", String(limits.seconds),
            "-fs", String(limits.fileSize - 1),
        ]
    }

    private func run(_ tool: String, _ arguments: [String], seconds: Double, tick: () -> Void = {}) throws {
        let limits = Sandbox.Limits(
            memory: limits.memory,
            processorSeconds: UInt64(seconds),
            fileSize: limits.fileSize
        )
        let child = try slot.sandbox.start(tool, arguments, in: slot.place, limits: limits)
        try slot.wait(for: child, seconds: seconds, tick: tick)
    }

    /// The film's time that ffmpeg has come to, from the last `out_time_us=` of what it says.
    private func secondsDone() -> Double? {
        let line = slot.lastWords().split(separator: "\n").last { $0.hasPrefix("out_time_us=") }
        return line.flatMap { Double($0.dropFirst("out_time_us=".count)) }.map { $0 / 1e6 }
    }
}
