import BlobStore
import Contracts
import EventBus
import Persistence
import Reactor
import ServiceKit
import System
import Telemetry

/// What can be done with uploads, whatever way their bytes come. Any loop.
struct Uploads: Sendable {
    let database: Database
    let files: UploadFiles
    let blobs: BlobStore
    let types: ContentTypes
    let clock: WallClock
    var limits: UploadLimits
    let presetVersion: Int
    let logger: Logger
    /// Woken when there is an upload that will expire.
    let expiry: DueWork

    /// Begins an upload; its room is reserved. Parts give theirs to a final one, which is as long as they are together.
    func open(_ upload: Upload, joining parts: [Identifier] = [], _ transaction: borrowing Transaction) throws {
        let connection = transaction.connection
        var upload = upload
        try connection.checkStanding(of: upload.ownerID)
        guard try connection.openUploads(of: upload.ownerID) - parts.count < limits.openUploads else {
            throw Problem(.tooManyUploads, retryAfter: 60)
        }
        if !parts.isEmpty {
            let whole = try wholeParts(parts, of: upload.ownerID, connection)
            try transaction.release(bytes: whole, items: Int64(parts.count), of: upload.ownerID)
            try transaction.join(parts, to: upload.id)
            (upload.length, upload.reserved) = (whole, whole)
        }
        try check(length: upload.length ?? upload.reserved)
        try transaction.reserve(bytes: upload.reserved, items: 1, of: upload.ownerID, quota: limits.quota)
        try transaction.insert(upload)
        transaction.afterCommit { [expiry] in expiry.wake() }
    }

    /// Says how long an upload will be that began without; the room is reserved. 409 when it is longer already.
    func announce(_ length: Int64, of upload: Upload) async throws -> Upload {
        try check(length: length)
        guard length >= upload.offset else { throw Problem(.conflict, "\(upload.offset) bytes are there") }
        var announced = upload
        announced.length = length
        return try await store(announced, offset: upload.offset, reserving: length)
    }

    private func check(length: Int64) throws(Problem) {
        guard length <= limits.maximumSize else {
            throw Problem(.payloadTooLarge, "at most \(limits.maximumSize) bytes")
        }
    }

    /// The bytes of parts that are whole and in no other upload; else 409.
    private func wholeParts(_ parts: [Identifier], of owner: Identifier, _ connection: Persistence.Connection) throws
        -> Int64
    {
        try parts.reduce(0) { sum, id in
            guard let part = try connection.upload(id), part.ownerID == owner, part.kind == .partial else {
                throw Problem(.targetNotFound, "there is no part \(id)")
            }
            guard part.state == .open, part.isWhole, let length = part.length else {
                throw Problem(.conflict, "part \(id) is not whole, or in another upload")
            }
            return sum + length
        }
    }

    /// Notes that bytes up to an offset are durable, and that the upload lives. What has no room yet reserves it.
    func store(_ upload: Upload, offset: Int64, reserving room: Int64 = 0) async throws -> Upload {
        var next = upload
        next.offset = offset
        next.expiresAt = clock.now.adding(seconds: limits.lifetimeSeconds)
        let more = max(0, max(offset, room) - upload.reserved)
        next.reserved += more
        let (stored, quota) = (next, limits.quota)
        try await database.write { transaction in
            if more > 0 { try transaction.reserve(bytes: more, items: 0, of: stored.ownerID, quota: quota) }
            guard try transaction.update(stored) else { throw Problem(.uploadGone) }
        }
        return stored
    }

    /// Removes an upload that is not complete, with its bytes and its room.
    func discard(_ id: Identifier) async throws {
        let joined = try await database.write { transaction -> [Identifier] in
            let parts = try transaction.connection.parts(of: id).map(\.id)
            guard try transaction.remove(id) else { return [] }
            for part in parts { _ = try transaction.remove(part) }
            return parts
        }
        try await files.remove([id] + joined)
    }

    // MARK: The end

    /// What a whole upload is to become. Its content is looked at, digested and put into the blob store; when it is nothing
    /// that is taken, the upload is discarded: 415.
    func prepare(_ upload: Upload) async throws -> Upload {
        var upload = upload
        if upload.state == .open {
            upload.length = upload.offset
            do {
                upload.content = try await content(of: upload)
            } catch let problem as Problem where problem.code == .unsupportedMediaType {
                try await discard(upload.id)
                throw problem
            }
            if upload.kind != .plain {
                upload.state = .finishing
                let stored = upload
                guard try await database.write({ try $0.update(stored) }) else { throw Problem(.uploadGone) }
            }
        }
        guard let content = upload.content, let size = upload.length else { throw Problem(.conflict) }
        let path = files.path(upload.id)
        if File.exists(path) {
            try await blobs.put(file: path, digest: content.digest, size: size)
        } else if try await blobs.size(of: content.digest) != size {
            throw Problem(.uploadGone, "its bytes are lost")
        }
        return upload
    }

    private func content(of upload: Upload) async throws -> Upload.Content {
        let (path, size, types) = (files.path(upload.id), upload.offset, types)
        let type = size == 0 ? ContentTypes.empty : try await types.type(of: path)
        guard ContentTypes.isTaken(type) else {
            throw Problem(.unsupportedMediaType, "images and films are taken; this is \(type)")
        }
        if size > 0, let digest = try files.digests.take(upload.id, at: size).map({ $0.finish() }),
            let known = ContentDigest(bytes: digest)
        {
            return Upload.Content(type: type, digest: known)
        }
        let digest = try await files.run { try ContentDigest.of(file: path, size: size) }
        return Upload.Content(type: type, digest: digest)
    }

    /// Makes the item of a prepared upload, and the job of a worker. Repeated, it finds the item there.
    static func complete(
        _ upload: Upload,
        presetVersion: Int,
        at now: Timestamp,
        traceparent: String?,
        _ transaction: borrowing Transaction
    ) throws -> Media {
        if let media = try transaction.connection.media(upload.id) { return media }
        guard try transaction.connection.upload(upload.id) != nil, let content = upload.content,
            let size = upload.length
        else { throw Problem(.uploadGone) }
        let media = Media(
            id: upload.id,
            ownerID: upload.ownerID,
            visibility: upload.details.visibility,
            title: upload.details.title,
            fileName: upload.details.fileName,
            contentType: content.type,
            size: size,
            digest: content.digest,
            jobID: .version7(at: now),
            presetVersion: presetVersion,
            createdAt: now
        )
        try transaction.insert(media)
        // A body that came without a length has reserved by pieces.
        try transaction.release(bytes: max(0, upload.reserved - size), items: 0, of: upload.ownerID)
        var done = upload
        done.state = .complete
        done.reserved = 0
        if upload.kind == .plain {
            try transaction.drop(upload.id)
        } else {
            _ = try transaction.update(done)
        }
        for part in try transaction.connection.parts(of: upload.id) { _ = try transaction.remove(part.id) }
        try transaction.requestProcessing(of: media, at: now, traceparent: traceparent)
        return media
    }

    /// Prepares and completes.
    func finish(_ upload: Upload, traceparent: String?) async throws -> Media {
        let prepared = try await prepare(upload)
        let (now, presets) = (clock.now, presetVersion)
        let parts = try await database.read { try $0.parts(of: upload.id).map(\.id) }
        let media = try await database.write { transaction in
            try Self.complete(prepared, presetVersion: presets, at: now, traceparent: traceparent, transaction)
        }
        try await files.remove(parts)
        return media
    }
}

extension Transaction {
    /// Asks a worker to process an item; the event's id is the job's.
    borrowing func requestProcessing(of media: Media, at now: Timestamp, traceparent: String? = nil) throws {
        guard let job = media.jobID else { return }
        let uploaded = MediaUploaded(
            mediaID: media.id,
            ownerID: media.ownerID,
            visibility: media.shownTo,
            contentType: media.contentType,
            size: media.size,
            sha256: media.digest.description,
            fileName: media.fileName,
            batchID: media.batch?.batchID,
            batchIndex: media.batch?.index,
            presetVersion: media.presetVersion
        )
        try publish(Event(uploaded, id: job, at: now, sequence: media.version, traceparent: traceparent))
    }
}
