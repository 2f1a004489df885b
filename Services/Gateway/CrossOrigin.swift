import Contracts
import HTTPCore
import HTTPTransport
import ServiceKit

/// Which other sites' pages may call the API (the Fetch standard's CORS protocol). Tokens travel in a field that pages set
/// themselves, so credentials in the sense of CORS (cookies) are never allowed.
struct CrossOrigin: Sendable {
    /// How long a browser keeps the answer to a preflight request, in seconds.
    static let maxAge = 600
    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"

    /// As browsers write them, `https://example.org`; `*` is every one.
    let origins: Set<String>

    /// An origin, or `*`; nil for anything else.
    static func origin(_ text: String) -> String? {
        guard text != "*" else { return text }
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            return Origin("http://" + text.dropFirst(scheme.count)) == nil || text.hasSuffix("/") ? nil : text
        }
        return nil
    }

    /// Marks the answer to a request of another site's page; a preflight request is answered here.
    func answer(_ request: Request) throws(Problem) -> Response? {
        guard let origin = request.headerFields[.origin] else { return nil }
        let isAllowed = origins.contains(origin) || origins.contains("*")
        if !origins.isEmpty { request.answerFields.append(.vary, "Origin") }
        if isAllowed {
            request.answerFields.append(.accessControlAllowOrigin, origin)
            request.answerFields.append(.accessControlExposeHeaders, "*")
        }
        guard request.method == .options, request.headerFields.contains(.accessControlRequestMethod) else { return nil }
        guard isAllowed else { throw Problem(.originRefused) }
        var fields: HTTPFields = [
            .accessControlAllowMethods: Self.methods, .accessControlMaxAge: "\(Self.maxAge)",
        ]
        fields[.accessControlAllowHeaders] = request.headerFields[.accessControlRequestHeaders]
        return Response(.noContent, fields)
    }
}
