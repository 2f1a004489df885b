import BlobStore
import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// An upload by one request: the content as the body, or as the one file of a form.
struct PlainUploadRoute: Sendable {
    let uploads: Uploads
    let locks: WriterLocks<Identifier>
    let tokens: TokenChecker
    let signer: AddressSigner

    func add(to router: inout Router) {
        router.post("/v1/media", tokens.user(upload))
    }

    @Sendable private func upload(_ request: Request, _ token: AccessToken) async throws -> Response {
        let parser = try formParser(request)
        let check = try BodyCheck([try ContentDigestField.read(request.headerFields)].compactMap { $0 })
        let uploads = try await uploads(for: request, token)
        let now = uploads.clock.now
        let upload = Upload(
            id: .version7(at: now),
            ownerID: token.userID,
            kind: .plain,
            length: parser == nil ? request.body.length.flatMap { Int64(exactly: $0) } : nil,
            reserved: Int64(clamping: request.body.length ?? 0),
            details: try details(request),
            createdAt: now,
            expiresAt: now.adding(seconds: uploads.limits.lifetimeSeconds)
        )
        let lock = try await locks.acquire(upload.id, on: request.loop)
        defer { locks.release(upload.id, lock) }
        try await uploads.database.write { try uploads.open(upload, $0) }
        do {
            let response = try await store(upload, in: uploads, parser, request, token, check, under: lock)
            if try await uploads.database.read({ try $0.upload(upload.id) }) != nil {
                // A repeated request was answered as the first was: what it brought is not needed.
                try await uploads.discard(upload.id)
            }
            return response
        } catch {
            do {
                try await uploads.discard(upload.id)
            } catch let second {
                uploads.logger.warning("an upload stays for the recovery", metadata: ["error": "\(second)"])
            }
            throw error
        }
    }

    /// What a repeated request brings is looked at and goes again: it needs no room in the quota, which the first may have
    /// used up.
    private func uploads(for request: Request, _ token: AccessToken) async throws -> Uploads {
        var uploads = uploads
        let (scope, database) = (token.userID.description, uploads.database)
        if try await request.isRepeat(scope: scope, database: database, clock: uploads.clock) {
            uploads.limits.quota = .unlimited
        }
        return uploads
    }

    private func store(
        _ upload: Upload,
        in uploads: Uploads,
        _ parser: MultipartParser?,
        _ request: Request,
        _ token: AccessToken,
        _ check: BodyCheck,
        under lock: WriterLock
    ) async throws -> Response {
        let whole =
            if let parser {
                try await uploads.receive(form: parser, request, into: upload, checked: check)
            } else {
                try await uploads.receive(request, into: upload, checked: check, under: lock)
            }
        let prepared = try await uploads.prepare(whole)
        let (now, presets, signer) = (uploads.clock.now, uploads.presetVersion, signer)
        let trace = request.traceContext?.traceparent
        // What is the same content said to be the same is the same request.
        let body = (prepared.content?.digest.bytes ?? []) + Array("\(prepared.details)".utf8)
        return try await request.idempotent(
            scope: token.userID.description,
            body: body,
            database: uploads.database,
            clock: uploads.clock
        ) { transaction in
            let media = try Uploads.complete(prepared, presetVersion: presets, at: now, traceparent: trace, transaction)
            return try .json(
                MediaView(media, isOwner: true, signer: signer, at: now),
                status: 201,
                headers: [
                    OutboxHeader("Location", text: "/v1/media/\(media.id)"),
                    OutboxHeader("ETag", text: MediaRoutes.tag(of: media).description),
                ]
            )
        }
    }

    private func formParser(_ request: Request) throws(Problem) -> MultipartParser? {
        guard let type = request.headerFields[.contentType], type.lowercased().hasPrefix("multipart/") else {
            return nil
        }
        guard let parser = MultipartParser(contentType: type) else {
            throw Problem(.unsupportedMediaType, "a form is multipart/form-data with a boundary")
        }
        return parser
    }

    private func details(_ request: Request) throws -> UploadDetails {
        var details = UploadDetails()
        if let text = try request.query("visibility") {
            guard let visibility = MediaVisibility(rawValue: text) else {
                throw Problem.invalid("visibility", "public or private")
            }
            details.visibility = visibility
        }
        details.title = try request.query("title").flatMap { UploadDetails.cleaned(text: $0) }
        return details
    }
}
