import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// Uploads that can be gone on with: tus 1.0.0 with all its extensions. The item has the upload's id.
struct TusRoutes: Sendable {
    static let path = "/v1/media/uploads"

    let uploads: Uploads
    let locks: WriterLocks<Identifier>
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.on(.options, "/v1/media/uploads", options)
        router.post("/v1/media/uploads", tus(create))
        router.on(.options, "/v1/media/uploads/:id", options)
        router.on(.head, "/v1/media/uploads/:id", tus(status))
        router.patch("/v1/media/uploads/:id", tus(append))
        router.delete("/v1/media/uploads/:id", tus(terminate))
    }

    @Sendable private func options(_ request: Request) async throws -> Response {
        Response(
            .noContent,
            [
                .tusResumable: Tus.version, .tusVersion: Tus.version, .tusExtension: Tus.extensions,
                .tusMaxSize: String(uploads.limits.maximumSize), .tusChecksumAlgorithm: Tus.checksumAlgorithms,
            ]
        )
    }

    /// A handler for known users that speak our version; refusals too carry it.
    private func tus(_ handler: @escaping AuthenticatedHandler) -> Handler {
        let authenticated = tokens.user(handler)
        return { request in
            request.answerFields.append(.tusResumable, Tus.version)
            guard request.headerFields[.tusResumable] == Tus.version else {
                request.answerFields.append(.tusVersion, Tus.version)
                throw Problem(.tusVersion)
            }
            return try await authenticated(request)
        }
    }

    // MARK: What is there

    @Sendable private func status(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        // Whoever still writes is a dead connection: the client asks because it has lost it.
        let lock = try await locks.acquire(id, on: request.loop)
        defer { locks.release(id, lock) }
        let upload = try await finishWhenWhole(try await own(id, token), request)
        return answer(.ok, upload, withOffset: true, inFull: true)
    }

    @Sendable private func append(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        guard let offset = Tus.number(request.headerFields[.uploadOffset]) else {
            throw Problem.invalid("Upload-Offset", "the number of bytes that are there", code: "required")
        }
        let check = try bodyCheck(request)
        let lock = try await locks.acquire(id, on: request.loop)
        defer { locks.release(id, lock) }
        var upload = try await own(id, token)
        do {
            try upload.checkMayAppend(at: offset)
        } catch UploadError.offsetMismatch(let expected, _) {
            throw Problem(.uploadOffsetMismatch, "the upload is at \(expected)")
        } catch {
            throw Problem(.conflict, "the upload is complete")
        }
        upload = try await withLength(upload, request)
        try checkBody(request, length: (upload.length ?? uploads.limits.maximumSize) - offset)
        upload = try await uploads.receive(request, into: upload, checked: check, under: lock)
        upload = try await finishWhenWhole(upload, request)
        return answer(.noContent, upload, withOffset: true)
    }

    @Sendable private func terminate(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let lock = try await locks.acquire(id, on: request.loop)
        defer { locks.release(id, lock) }
        let upload = try await own(id, token)
        guard upload.state == .open, upload.kind != .final else { throw Problem(.conflict, "the upload is complete") }
        try await uploads.discard(id)
        return .noContent
    }

    // MARK: Parts of all

    /// Another's upload does not exist; one whose time is over is gone.
    private func own(_ id: Identifier, _ token: AccessToken) async throws -> Upload {
        guard let upload = try await uploads.database.read({ try $0.upload(id) }), upload.ownerID == token.userID,
            upload.kind != .plain
        else { throw Problem(.notFound) }
        guard upload.expiresAt > uploads.clock.now else { throw Problem(.uploadGone) }
        return upload
    }

    func checkBody(_ request: Request, length: Int64) throws(Problem) {
        let type = request.headerFields[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type == Tus.patchType else { throw Problem(.unsupportedMediaType, "send \(Tus.patchType)") }
        if let sent = request.body.length, sent > UInt64(max(0, length)) {
            throw Problem(.payloadTooLarge, "\(length) bytes are missing")
        }
    }

    /// What is demanded of the request's bytes.
    func bodyCheck(_ request: Request) throws -> BodyCheck {
        var demanded = [try ContentDigestField.read(request.headerFields)].compactMap { $0 }
        if let field = request.headerFields[.uploadChecksum] {
            guard let checksum = Tus.checksum(field) else {
                throw Problem(.malformedRequest, "Upload-Checksum is one of \(Tus.checksumAlgorithms) and base64")
            }
            demanded.append(checksum)
        }
        return try BodyCheck(demanded)
    }

    /// An upload that began without saying how long it will be may say so once.
    private func withLength(_ upload: Upload, _ request: Request) async throws -> Upload {
        guard let field = request.headerFields[.uploadLength] else { return upload }
        guard let length = Tus.number(field) else { throw Problem.invalid("Upload-Length", "a number of bytes") }
        if upload.length == nil { return try await uploads.announce(length, of: upload) }
        guard upload.length == length else { throw Problem(.conflict, "the upload has another length") }
        return upload
    }

    func finishWhenWhole(_ upload: Upload, _ request: Request) async throws -> Upload {
        guard upload.isWhole, upload.state != .complete, upload.kind == .resumable || upload.state == .finishing else {
            return upload
        }
        _ = try await uploads.finish(upload, traceparent: request.traceContext?.traceparent)
        var done = upload
        done.state = .complete
        return done
    }

    func answer(
        _ status: HTTPResponse.Status,
        _ upload: Upload,
        withOffset: Bool,
        inFull: Bool = false
    ) -> Response {
        var fields: HTTPFields = [
            .cacheControl: "no-store", .uploadExpires: HTTPDate.format(upload.expiresAt),
        ]
        if status == .created { fields[.location] = "\(Self.path)/\(upload.id)" }
        if withOffset, upload.kind != .final || upload.isWhole { fields[.uploadOffset] = String(upload.offset) }
        if upload.state == .complete, upload.kind != .partial { fields[.contentLocation] = "/v1/media/\(upload.id)" }
        guard inFull else { return Response(status, fields) }
        fields[.uploadLength] = upload.length.map { String($0) }
        if upload.length == nil { fields[.uploadDeferLength] = "1" }
        fields[.uploadMetadata] = upload.details.metadata
        if upload.kind == .partial { fields[.uploadConcat] = "partial" }
        if upload.kind == .final { fields[.uploadConcat] = "final" }
        return Response(status, fields)
    }
}
