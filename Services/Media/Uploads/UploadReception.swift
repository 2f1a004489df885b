import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import ServiceKit
import System
import Telemetry

/// Bodies on their way to disk.
extension Uploads {
    /// Appends a request's body to an upload. When the body breaks off, what came is kept, unless it had a digest.
    func receive(
        _ request: Request,
        into upload: Upload,
        checked check: BodyCheck,
        under lock: WriterLock
    ) async throws -> Upload {
        let file = try await reopen(upload)
        let sink = try UploadSink(upload, self, file, checked: check, on: request.loop)
        do {
            while try await request.body.next(unlessWanted: lock, on: request.loop, { try sink.take($0) }) {
                try await sink.makeRoom()
            }
        } catch {
            do {
                try await sink.salvage()
            } catch let second {
                logger.warning("bytes of a broken upload are lost", metadata: ["error": "\(second)"])
                // On a full disk they would keep the room that others need.
                let offset = sink.upload.offset
                try await files.run { try file.truncate(to: offset) }
            }
            throw error
        }
        try await sink.finish()
        return sink.upload
    }

    /// The file of an upload, open at its offset. When the file is shorter, as after the restore of a backup that was made
    /// while the upload ended, the offset goes back to what is there, and the client is told to ask for it.
    private func reopen(_ upload: Upload) async throws -> OpenFile {
        let path = files.path(upload.id)
        let size = try await files.run { try File.status(path)?.size ?? 0 }
        guard size < upload.offset else { return try await files.open(upload.id, at: upload.offset) }
        logger.warning("bytes of an upload are missing", metadata: ["upload": "\(upload.id)", "left": "\(size)"])
        _ = try await store(upload, offset: size)
        throw Problem(.uploadOffsetMismatch, "the upload is at \(size)")
    }

    /// Stores the one file of a form; the form's other fields say what it is.
    func receive(
        form parser: MultipartParser,
        _ request: Request,
        into upload: Upload,
        checked check: BodyCheck
    ) async throws -> Upload {
        let file = try await files.open(upload.id, at: 0)
        // What is demanded of the body is demanded of the form, not of the file in it.
        let sink = try UploadSink(upload, self, file, checked: try BodyCheck([]), on: request.loop)
        var (parser, form) = (parser, UploadForm(upload.details))
        do {
            while let bytes = try await request.body.next() {
                check.update(bytes)
                for event in try parser.feed(bytes) {
                    if let content = try form.take(event) { try await sink.write(content) }
                }
            }
            try parser.finish()
        } catch is MultipartError {
            throw Problem(.malformedRequest, "the body is no form")
        }
        guard form.hasFile else {
            throw Problem.invalid("file", "a part with a file name is required", code: "required")
        }
        try check.finish()
        try await sink.finish()
        var whole = sink.upload
        whole.details = form.details
        return whole
    }

    /// Makes a final upload's file of its parts, from the beginning.
    func concatenate(_ upload: Upload) async throws -> Upload {
        let parts = try await database.read { try $0.parts(of: upload.id) }
        let target = try await files.open(upload.id, at: 0)
        let sources = parts.map { (path: files.path($0.id), size: $0.offset) }
        let size = try await files.run {
            var end: Int64 = 0
            for source in sources {
                let file = try OpenFile(reading: source.path)
                var offset: Int64 = 0
                while offset < source.size {
                    let count = Int(min(Int64(UploadSink.pieceSize), source.size - offset))
                    let piece = try file.read(at: offset, count: count)
                    guard !piece.isEmpty else { throw Problem(.uploadGone, "the bytes of a part are lost") }
                    try target.write(piece, at: end)
                    offset += Int64(piece.count)
                    end += Int64(piece.count)
                }
            }
            try target.synchronize()
            return end
        }
        return try await store(upload, offset: size)
    }
}

/// The fields of an upload form, as its parts come.
struct UploadForm {
    /// Bytes of a field of text.
    static let maximumTextSize = 1024

    private(set) var details: UploadDetails
    private(set) var hasFile = false
    private var field: MultipartPart?
    private var text: [UInt8] = []

    init(_ details: UploadDetails) {
        self.details = details
    }

    /// Takes what the parser found; the file's content is handed back.
    mutating func take(_ event: MultipartParser.Event) throws(Problem) -> ArraySlice<UInt8>? {
        switch event {
        case .part(let part): try begin(part)
        case .content(let bytes) where field?.fileName != nil: return bytes
        case .content(let bytes):
            text += bytes
            guard text.count <= Self.maximumTextSize else {
                throw .invalid(field?.name ?? "", "at most \(Self.maximumTextSize) bytes")
            }
        case .partEnd: try end()
        case .end: break
        }
        return nil
    }

    private mutating func begin(_ part: MultipartPart) throws(Problem) {
        field = part
        text = []
        guard let fileName = part.fileName else {
            guard ["title", "visibility"].contains(part.name) else {
                throw .invalid(part.name, "this field is not known here", code: "unknown_field")
            }
            return
        }
        guard !hasFile else { throw .invalid(part.name, "one file a request") }
        hasFile = true
        details.fileName = UploadDetails.cleaned(fileName: fileName)
    }

    private mutating func end() throws(Problem) {
        defer { field = nil }
        guard let field, field.fileName == nil else { return }
        guard let value = String(validating: text, as: UTF8.self) else { throw .invalid(field.name, "UTF-8") }
        if field.name == "title" {
            details.title = UploadDetails.cleaned(text: value)
        } else {
            guard let visibility = MediaVisibility(rawValue: value) else {
                throw .invalid("visibility", "public or private")
            }
            details.visibility = visibility
        }
    }
}
