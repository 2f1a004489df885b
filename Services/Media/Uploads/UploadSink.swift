import Contracts
import Persistence
import Security
import ServiceKit
import System

/// Writes bytes behind the durable ones of an upload, and makes them durable: every 8 MiB and at the end. With a checksum
/// nothing is durable before all of it is right. On one loop; memory for two pieces, whatever the size.
final class UploadSink {
    /// Bytes written at once.
    static let pieceSize = 512 << 10
    /// Bytes that a crash may cost.
    static let commitSize: Int64 = 8 << 20

    /// The upload as it is stored.
    private(set) var upload: Upload
    private let uploads: Uploads
    private let file: OpenFile
    private let checksum: (expected: [UInt8], digest: IncrementalDigest)?
    private var piece: [UInt8] = []
    /// The place behind what the file has.
    private var written: Int64

    init(_ upload: Upload, _ uploads: Uploads, _ file: OpenFile, checksum: Tus.Checksum? = nil) throws {
        self.upload = upload
        self.uploads = uploads
        self.file = file
        self.checksum = try checksum.map { ($0.digest, try IncrementalDigest($0.function)) }
        written = upload.offset
    }

    /// Takes more bytes: 413 when there are more than may be.
    func write(_ bytes: ArraySlice<UInt8>) async throws {
        let count = written - upload.offset + Int64(piece.count + bytes.count)
        do {
            _ = try upload.offset(adding: count, maximum: uploads.limits.maximumSize)
        } catch {
            throw Problem(.payloadTooLarge, "at most \(upload.length ?? uploads.limits.maximumSize) bytes")
        }
        checksum?.digest.update(Array(bytes))
        piece += bytes
        guard piece.count >= Self.pieceSize else { return }
        try await flush()
        if checksum == nil, written - upload.offset >= Self.commitSize { try await commit() }
    }

    /// Makes what was written durable. With a checksum: 460 when it is another, and then nothing was written.
    func finish() async throws {
        try await flush()
        if let checksum, !constantTimeEqual(checksum.digest.finish(), checksum.expected) {
            throw Problem(.checksumMismatch)
        }
        try await commit()
    }

    /// Makes durable what came before the request broke off; with a checksum nothing did.
    func salvage() async throws {
        guard checksum == nil else { return }
        try await flush()
        try await commit()
    }

    private func flush() async throws {
        guard !piece.isEmpty else { return }
        let (bytes, place, file) = (piece, written, file)
        piece.removeAll(keepingCapacity: true)
        try await uploads.files.run { try file.write(bytes, at: place) }
        written += Int64(bytes.count)
    }

    private func commit() async throws {
        guard written > upload.offset else { return }
        let (file, range) = (file, upload.offset..<written)
        // What dies with its request has no place to go on from; its pages are still written in good time.
        let isPlain = upload.kind == .plain
        if !isPlain || range.count >= Self.commitSize {
            try await uploads.files.run {
                try file.synchronize()
                file.forgetCached(range)
            }
        }
        guard !isPlain || written > upload.reserved else {
            upload.offset = written
            return
        }
        upload = try await uploads.store(upload, offset: written)
    }
}
