import HTTPCore
import HTTPTransport
import ServiceKit

/// What only the outermost server has to do, for every request: keep browsers on TLS and let in the pages that may
/// call.
struct Edge: Sendable {
    /// For a year: browsers that came over TLS once do not come without (RFC 6797).
    private static let strictTransportSecurity = "max-age=31536000"

    let crossOrigin: CrossOrigin

    func respond(to request: Request, next: Handler) async throws -> Response {
        if request.isSecure {
            request.answerFields.append(.strictTransportSecurity, Self.strictTransportSecurity)
        }
        if let answer = try crossOrigin.answer(request) { return answer }
        return try await next(request)
    }
}
