import Contracts
import FoundationEssentials
import System

/// `media-worker --thumbnail SIDE FOLDER FILE…`: JPEGs of files that fit into a square, made by the confined process as the
/// service has them made. For operators who want to see what becomes of a file, and for the benchmark.
enum ThumbnailCommand {
    static let argument = "--thumbnail"

    /// The code to exit with: 0 when every file was made.
    static func run(_ words: [String]) -> Int32 {
        guard words.count >= 3, let side = Int(words[0]), (1...16_384).contains(side) else {
            return say("media-worker --thumbnail SIDE FOLDER FILE…", 2)
        }
        var code: Int32 = 0
        do {
            let folder = try WorkFolder(in: "\(words[1])/.jobs", id: .version7(at: WallClock.system.now))
            let mode = Environment.value("MEDIA_SANDBOX").flatMap(Sandbox.Mode.init) ?? .required
            let slot = try JobSlot(directory: folder.path, sandbox: Sandbox(mode, directory: folder.path))
            for path in words.dropFirst(2) {
                do {
                    try make(path, side: side, in: words[1], slot)
                } catch {
                    code = say("\(path): \(error)", 1)
                }
            }
            slot.closeImages()
            try folder.remove()
        } catch {
            code = say("\(error)", 1)
        }
        return code
    }

    private static func make(_ path: String, side: Int, in folder: String, _ slot: JobSlot) throws {
        try slot.clear()
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try FileManager.default.copyItem(atPath: path, toPath: "\(slot.place.input)/\(name)")
        let thumbnail = "\(name).jpg"
        let job = ImageJob(
            input: "\(slot.sandbox.input(slot.place))/\(name)",
            directory: slot.sandbox.output(slot.place),
            contentType: try contentType(path),
            limits: ImageLimits(),
            renditions: [.init(name: thumbnail, format: .jpeg, box: side, quality: 75)]
        )
        _ = try slot.render(job)
        let made = "\(slot.place.output)/\(thumbnail)"
        guard File.regularFileSize(made) != nil else { throw JobFailure(reason: .damaged) }
        try File.rename(made, to: "\(folder)/\(thumbnail)")
    }

    private static func contentType(_ path: String) throws -> String {
        let head = try OpenFile(reading: path).read(at: 0, count: 12)
        if head.starts(with: [0xFF, 0xD8]) { return "image/jpeg" }
        if head.starts(with: [0x89, 0x50]) { return "image/png" }
        if head.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if head.starts(with: Array("RIFF".utf8)) { return "image/webp" }
        return head.count == 12 && Array(head[4..<8]) == Array("ftyp".utf8) ? "image/heic" : "application/octet-stream"
    }

    private static func say(_ text: String, _ code: Int32) -> Int32 {
        StandardError.write(Array("\(text)\n".utf8))
        return code
    }
}
