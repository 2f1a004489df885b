import Reactor
import Synchronization
import System

/// What content is, found from its first bytes; names and what senders say decide nothing.
///
/// What is taken is known by signatures written here. libmagic, which knows thousands, is asked only what anything else is,
/// to tell the sender: never for the decision.
final class ContentTypes: Sendable {
    /// Bytes that are looked at.
    static let headLength = 64 << 10

    /// What content of no bytes is called.
    static let empty = "nothing"

    /// What workers can process: what their loaders and demuxers are confined to.
    static let taken: Set<String> = [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/avif",
        "video/mp4", "video/quicktime", "video/webm", "video/x-matroska",
    ]

    static func isTaken(_ type: String) -> Bool { taken.contains(type) }

    /// One thread: a magic cookie is not to be shared.
    private let worker: WorkerPool
    private let magic = Mutex<MagicDatabase?>(nil)

    init() throws {
        worker = try WorkerPool(name: "content-type", threads: 1, queueLimit: 256)
    }

    /// The MIME type of a file's content.
    func type(of path: String) async throws -> String {
        try await worker.run { [self] in
            try type(head: try OpenFile(reading: path).read(at: 0, count: Self.headLength))
        }
    }

    /// The MIME type of content that begins so.
    func type(ofHead head: [UInt8]) async throws -> String {
        try await worker.run { [self] in try type(head: head) }
    }

    private func type(head: [UInt8]) throws -> String {
        guard !head.isEmpty else { return Self.empty }
        return try Signature.type(of: head) ?? described(head)
    }

    private func described(_ head: [UInt8]) throws -> String {
        try magic.withLock { magic in
            // The compiled database is mapped once, when something unknown comes for the first time.
            let database = try magic ?? MagicDatabase()
            magic = database
            return database.type(of: head) ?? "application/octet-stream"
        }
    }

    func close() { worker.shutdown() }
}

/// The first bytes of the formats that are taken, and of those that are often sent and are not.
enum Signature {
    static func type(of head: [UInt8]) -> String? {
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if has(head, "GIF87a") || has(head, "GIF89a") { return "image/gif" }
        if has(head, "RIFF"), has(head, "WEBP", at: 8) { return "image/webp" }
        if has(head, "RIFF"), has(head, "AVI ", at: 8) { return "video/x-msvideo" }
        if head.starts(with: [0x49, 0x49, 0x2A, 0x00]) || head.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
            return "image/tiff"
        }
        if has(head, "BM"), head.count >= 26 { return "image/bmp" }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return matroska(head) }
        if has(head, "ftyp", at: 4) { return isoMedia(head) }
        return nil
    }

    /// The brand of an ISO base media file (ISO/IEC 14496-12).
    private static func isoMedia(_ head: [UInt8]) -> String? {
        guard head.count >= 12 else { return nil }
        switch String(decoding: head[8..<12], as: UTF8.self) {
        case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1": return "image/heic"
        case "avif", "avis": return "image/avif"
        case "qt  ": return "video/quicktime"
        default: return "video/mp4"
        }
    }

    /// The document type stands in the first element, EBML (RFC 8794).
    private static func matroska(_ head: [UInt8]) -> String? {
        let start = head.prefix(64)
        if start.firstRange(of: Array("webm".utf8)) != nil { return "video/webm" }
        return start.firstRange(of: Array("matroska".utf8)) != nil ? "video/x-matroska" : nil
    }

    private static func has(_ head: [UInt8], _ text: String, at offset: Int = 0) -> Bool {
        head.dropFirst(offset).starts(with: text.utf8)
    }
}
