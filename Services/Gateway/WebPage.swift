import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// The page that shows the story live: `index.html`, embedded. Its one script and one style are in it, so the policy allows
/// these by their digests and nothing else.
enum WebPage {
    private static let tag = EntityTag(Base64.encodeURLSafe(HashFunction.sha256.digest(PackageResources.index_html)))
    private static let policy =
        "default-src 'none'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; script-src \(digest(of: "script")); style-src \(digest(of: "style"))"

    @Sendable static func show(_ request: Request) async throws -> Response {
        try request.conditional(tag) {
            Response(
                .ok,
                [
                    .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
                    .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
                ],
                body: .bytes(PackageResources.index_html)
            )
        }
    }

    /// The source expression for the element's text (CSP 3, section 2.3.1).
    private static func digest(of element: String) -> String {
        let page = String(decoding: PackageResources.index_html, as: UTF8.self)
        guard let start = page.firstRange(of: "<\(element)>"), let end = page.firstRange(of: "</\(element)>") else {
            return "'none'"
        }
        return "'sha256-\(Base64.encode(HashFunction.sha256.digest(String(page[start.upperBound..<end.lowerBound]))))'"
    }
}
