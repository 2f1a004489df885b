import BlobStore
import Contracts
import Persistence
import Reactor
import ServiceKit
import Synchronization
import System

/// Writes bytes behind the durable ones of an upload, and makes them durable: every 8 MiB and at the end. With a digest
/// demanded nothing is durable before all of it is right.
///
/// While one piece is on its way to disk the next is filled: memory for two, whatever the size. On one loop; one task.
final class UploadSink {
    /// Bytes written at once.
    static let pieceSize = 256 << 10
    /// Bytes that a crash may cost.
    static let commitSize: Int64 = 8 << 20

    /// The upload as it is stored.
    private(set) var upload: Upload
    private let uploads: Uploads
    private let loop: EventLoop
    private let target: Target
    /// What is filled, and what was written last or is being written.
    private var (piece, other) = (UploadPiece(), UploadPiece())
    private var writing: Task<Void, any Error>?
    /// After this nothing more is written: there would be a hole.
    private var failure: (any Error)?
    /// The places behind what has come, what the file has, and what of it is synchronized.
    private var (taken, written, synchronized): (Int64, Int64, Int64)

    /// What worker threads write to, one at a time.
    fileprivate struct Target: Sendable {
        let file: OpenFile
        /// Of all content, unless its beginning came in another life of this process.
        let digest: UploadDigest?
        let check: BodyCheck
    }

    /// On `loop`, where all of its methods are called.
    init(
        _ upload: Upload,
        _ uploads: Uploads,
        _ file: OpenFile,
        checked check: BodyCheck,
        on loop: EventLoop
    ) throws {
        self.upload = upload
        self.uploads = uploads
        self.loop = loop
        target = Target(
            file: file,
            digest: try uploads.files.digests.take(upload.id, at: upload.offset),
            check: check
        )
        (taken, written, synchronized) = (upload.offset, upload.offset, upload.offset)
    }

    /// Takes more bytes and waits until there is room for the next: 413 when there are more than may be.
    func write(_ bytes: ArraySlice<UInt8>) async throws {
        try take(bytes)
        try await makeRoom()
    }

    /// Takes more bytes, behind which `makeRoom` is called.
    func take(_ bytes: ArraySlice<UInt8>) throws(Problem) {
        do {
            _ = try upload.offset(
                adding: taken - upload.offset + Int64(bytes.count),
                maximum: uploads.limits.maximumSize
            )
        } catch {
            throw Problem(.payloadTooLarge, "at most \(upload.length ?? uploads.limits.maximumSize) bytes")
        }
        piece.bytes.withLock { $0 += bytes }
        taken += Int64(bytes.count)
    }

    /// Has a full piece written, as soon as the one before is.
    func makeRoom() async throws {
        guard taken - written >= Self.pieceSize else { return }
        try await flush()
    }

    /// Makes what has come durable: 460 when it has another digest than demanded, and then nothing has come.
    func finish() async throws {
        try await flush()
        try await settle()
        try target.check.finish()
        try await commit()
        if let digest = target.digest { uploads.files.digests.keep(digest, of: upload.id, at: upload.offset) }
    }

    /// Makes durable what came before the request broke off; with a digest demanded nothing did.
    func salvage() async throws {
        guard !target.check.isDemanded else { return try await settle() }
        try await finish()
    }

    /// Has the filled piece written.
    private func flush() async throws {
        try await settle()
        guard taken > written else { return }
        let (bytes, place, target) = (piece, written, target)
        swap(&piece, &other)
        piece.bytes.withLock { $0.removeAll(keepingCapacity: true) }
        let sink = LoopBound(self, to: loop)
        writing = Task(executorPreference: loop) {
            try await sink.value.uploads.files.run { try target.write(bytes, at: place) }
            try await sink.value.wrote()
        }
        written = taken
    }

    /// Waits until nothing is being written.
    private func settle() async throws {
        if let writing {
            self.writing = nil
            do {
                try await writing.value
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// A piece is in the file.
    private func wrote() async throws {
        guard !target.check.isDemanded, written - upload.offset >= Self.commitSize else { return }
        try await commit()
    }

    private func commit() async throws {
        guard written > upload.offset else { return }
        let (file, end, range) = (target.file, written, synchronized..<written)
        // What dies with its request has no place to go on from; its pages are still written in good time.
        let isPlain = upload.kind == .plain
        if !isPlain || range.count >= Self.commitSize {
            try await uploads.files.run {
                try file.synchronize()
                file.forgetCached(range)
            }
            synchronized = end
        }
        guard !isPlain || end > upload.reserved else {
            upload.offset = end
            return
        }
        upload = try await uploads.store(upload, offset: end)
    }
}

extension UploadSink.Target {
    fileprivate func write(_ piece: UploadPiece, at place: Int64) throws {
        try piece.bytes.withLock { bytes in
            // Now, while they are in the processor's cache.
            digest?.update(bytes)
            check.update(bytes)
            try file.write(bytes, at: place)
        }
    }
}

/// Memory that an event loop fills and a worker thread writes, by turns.
final class UploadPiece: Sendable {
    let bytes = Mutex<[UInt8]>([])
}
