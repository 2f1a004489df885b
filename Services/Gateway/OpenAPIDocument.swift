import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// The description of every route, `openapi.yaml` as JSON: `GET /openapi.json`. The text is generated.
enum OpenAPIDocument {
    private static let bytes = Array(json.utf8)
    private static let tag = EntityTag(Base64.encodeURLSafe(HashFunction.sha256.digest(bytes)))

    @Sendable static func show(_ request: Request) async throws -> Response {
        try request.conditional(tag) {
            Response(
                .ok,
                [
                    .contentType: "application/json", .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
                    .referrerPolicy: "no-referrer",
                ],
                body: .bytes(bytes)
            )
        }
    }
}
