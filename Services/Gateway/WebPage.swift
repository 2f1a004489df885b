import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// A page that is embedded. Its one script and one style are in it, so the policy allows these by their digests and nothing
/// else.
struct WebPage: Sendable {
    /// The story, live.
    static let story = WebPage(PackageResources.index_html)
    /// What operators see and do.
    static let console = WebPage(PackageResources.console_html)

    private let bytes: [UInt8]
    private let tag: EntityTag
    private let policy: String

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        tag = EntityTag(Base64.encodeURLSafe(HashFunction.sha256.digest(bytes)))
        let page = String(decoding: bytes, as: UTF8.self)
        policy =
            "default-src 'none'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; script-src \(Self.digest(of: "script", in: page)); "
            + "style-src \(Self.digest(of: "style", in: page))"
    }

    @Sendable func show(_ request: Request) async throws -> Response {
        try request.conditional(tag) {
            Response(
                .ok,
                [
                    .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
                    .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
                ],
                body: .bytes(bytes)
            )
        }
    }

    /// The source expression for the element's text (CSP 3, section 2.3.1).
    private static func digest(of element: String, in page: String) -> String {
        guard let start = page.firstRange(of: "<\(element)>"), let end = page.firstRange(of: "</\(element)>") else {
            return "'none'"
        }
        return "'sha256-\(Base64.encode(HashFunction.sha256.digest(String(page[start.upperBound..<end.lowerBound]))))'"
    }
}
