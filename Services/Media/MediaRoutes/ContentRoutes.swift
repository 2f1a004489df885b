import BlobStore
import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// The bytes of originals and variants, by ranges and conditions (RFC 9110). An original is what somebody sent: it leaves only
/// as an attachment, in a sandbox, under the type that was found. Variants never change: they may be kept for ever.
struct ContentRoutes: Sendable {
    private static let forever = "max-age=31536000, immutable"

    let database: Database
    let blobs: BlobStore
    let tokens: TokenChecker
    let clock: WallClock
    let signer: AddressSigner

    func add(to router: inout Router) {
        router.get("/v1/media/:id/content", tokens.optionalUser(content))
        router.get("/v1/media/:id/variants/:name", tokens.optionalUser(variant))
    }

    @Sendable private func content(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let id = try request.identifier("id")
        let media = try await media(id, request, token, path: "/v1/media/\(id)/content")
        var fields: HTTPFields = [
            .contentType: media.contentType, .cacheControl: "private, no-cache",
            .contentDisposition: Self.attachment(media), .contentSecurityPolicy: "sandbox; default-src 'none'",
        ]
        fields[.xContentTypeOptions] = "nosniff"
        return try await serve(media.digest, size: media.size, fields, to: request)
    }

    @Sendable private func variant(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let id = try request.identifier("id")
        let name = request.parameters["name"] ?? ""
        let media = try await media(id, request, token, path: "/v1/media/\(id)/variants/\(name)")
        guard let variant = media.output?.variants.first(where: { $0.name == name }),
            let digest = ContentDigest(variant.sha256)
        else { throw Problem(.notFound) }
        let fields: HTTPFields = [
            .contentType: variant.contentType, .xContentTypeOptions: "nosniff",
            .cacheControl: "\(media.isPublic ? "public" : "private"), \(Self.forever)",
            .contentSecurityPolicy: "sandbox; default-src 'none'",
        ]
        return try await serve(digest, size: variant.size, fields, to: request)
    }

    /// An item that one may see, or whose address is signed.
    private func media(
        _ id: Identifier,
        _ request: Request,
        _ token: AccessToken?,
        path: String
    ) async throws -> Media {
        if try signer.isGood(try request.query(), for: path, at: clock.now) {
            guard let media = try await database.read({ try $0.media(id) }) else { throw Problem(.notFound) }
            return media
        }
        return try await database.visibleMedia(id, to: token)
    }

    private func serve(
        _ digest: ContentDigest,
        size: Int64,
        _ fields: HTTPFields,
        to request: Request
    ) async throws -> Response {
        let tag = EntityTag(digest.description)
        var fields = fields
        fields[.eTag] = tag.description
        fields[.acceptRanges] = "bytes"
        switch Precondition.evaluate(request.head, tag: tag) {
        case .failed: throw Problem(.preconditionFailed)
        case .notModified:
            fields[.contentType] = nil
            return Response(.notModified, fields)
        case .proceed: break
        }
        switch RangeRequest(request.head, length: size, tag: tag) {
        case .whole: return try await stream(.ok, digest, 0..<size, fields)
        case .part(let range):
            fields[.contentRange] = RangeRequest.contentRange(range, length: size)
            return try await stream(.partialContent, digest, range, fields)
        case .unsatisfiable:
            request.answerFields.append(.contentRange, RangeRequest.unsatisfiedContentRange(length: size))
            throw Problem(.rangeNotSatisfiable)
        }
    }

    private func stream(
        _ status: HTTPResponse.Status,
        _ digest: ContentDigest,
        _ range: Range<Int64>,
        _ fields: HTTPFields
    ) async throws -> Response {
        let reader: BlobReader
        do {
            reader = try await blobs.read(digest, range)
        } catch BlobError.notFound {
            throw Problem(.notFound, "the content is gone")
        }
        return Response(
            status,
            fields,
            body: .stream(length: UInt64(range.count)) { writer in
                try await reader.forEach { try await writer.write($0) }
            }
        )
    }

    /// RFC 6266 with RFC 8187: the name in ASCII, and as it is.
    private static func attachment(_ media: Media) -> String {
        guard let name = media.fileName else { return "attachment" }
        let plain = name.utf8.map { byte in
            byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C && byte != 0x25 ? byte : 0x5F
        }
        return "attachment; filename=\"\(String(decoding: plain, as: UTF8.self))\"; filename*=UTF-8''\(encoded(name))"
    }

    private static func encoded(_ name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hexadecimal.encode([byte]).uppercased()
            }
        }
        return text
    }
}
