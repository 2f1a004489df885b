import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// How uploads begin: whole, in parts, or made of parts.
extension TusRoutes {
    @Sendable func create(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (draft, parts) = try draft(request, of: token.userID)
        let hasBody = !request.body.isComplete && draft.kind != .final
        if hasBody { try checkBody(request, length: draft.length ?? uploads.limits.maximumSize) }
        let check = try bodyCheck(request)
        let lock = try await locks.acquire(draft.id, on: request.loop)
        defer { locks.release(draft.id, lock) }
        let begun = try await begin(draft, joining: parts, request)
        guard let id = begun.headerFields[.location]?.split(separator: "/").last.flatMap({ Identifier($0) }),
            var upload = try await uploads.database.read({ try $0.upload(id) })
        else { return begun }
        // Repeated with its key, it has begun before: what has come is told, and the client goes on behind it.
        guard id == draft.id else { return answer(.created, upload, withOffset: hasBody) }
        if hasBody { upload = try await uploads.receive(request, into: upload, checked: check, under: lock) }
        if upload.kind == .final {
            upload = try await uploads.concatenate(upload)
            _ = try await uploads.finish(upload, traceparent: request.traceContext?.traceparent)
        } else {
            upload = try await finishWhenWhole(upload, request)
        }
        return answer(.created, upload, withOffset: hasBody)
    }

    /// What a request begins, and the parts that it is made of.
    private func draft(_ request: Request, of owner: Identifier) throws -> (Upload, parts: [Identifier]) {
        let (fields, now) = (request.headerFields, uploads.clock.now)
        guard let details = Tus.details(metadata: fields[.uploadMetadata]) else {
            throw Problem.invalid("Upload-Metadata", "names and base64 values of tus, at most 4 KiB")
        }
        let concatenation = try concatenation(fields)
        let length = try length(fields, concatenation)
        let (kind, parts): (Upload.Kind, [Identifier]) =
            switch concatenation {
            case .final(let parts): (.final, parts)
            case .partial: (.partial, [])
            case nil: (.resumable, [])
            }
        let upload = Upload(
            id: .version7(at: now),
            ownerID: owner,
            kind: kind,
            length: length,
            reserved: length ?? 0,
            details: details,
            createdAt: now,
            expiresAt: now.adding(seconds: uploads.limits.lifetimeSeconds)
        )
        return (upload, parts)
    }

    private func concatenation(_ fields: HTTPFields) throws(Problem) -> Tus.Concatenation? {
        guard let field = fields[.uploadConcat] else { return nil }
        guard let concatenation = Tus.Concatenation(field) else {
            throw .invalid("Upload-Concat", "partial, or final; and the addresses of parts")
        }
        return concatenation
    }

    /// Nil when it is to be said later, or by the parts.
    private func length(_ fields: HTTPFields, _ concatenation: Tus.Concatenation?) throws(Problem) -> Int64? {
        if case .final = concatenation {
            guard !fields.contains(.uploadLength) else { throw .invalid("Upload-Length", "the parts say it") }
            return nil
        }
        switch (fields[.uploadLength], fields[.uploadDeferLength]) {
        case (nil, "1"): return nil
        case (let text?, nil):
            if let length = Tus.number(text) { return length }
        default: break
        }
        throw .invalid("Upload-Length", "the number of bytes that will come, or Upload-Defer-Length: 1")
    }

    /// Begins the upload, once for the request's `Idempotency-Key`.
    private func begin(_ draft: Upload, joining parts: [Identifier], _ request: Request) async throws -> Response {
        let uploads = uploads
        let said = [
            HTTPField.Name.uploadLength, .uploadDeferLength, .uploadMetadata, .uploadConcat,
        ].map { request.headerFields[$0] ?? "" }
        return try await request.idempotent(
            scope: draft.ownerID.description,
            body: Array(said.joined(separator: "\n").utf8),
            database: uploads.database,
            clock: uploads.clock
        ) { transaction in
            try uploads.open(draft, joining: parts, transaction)
            let location = OutboxHeader("Location", text: "\(Self.path)/\(draft.id)")
            return StoredResponse(status: 201, headers: [location], body: [])
        }
    }
}
