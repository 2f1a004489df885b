import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import System

/// The gateway's handler: finds the service of a path, checks token and limits, and has the request carried there.
struct Proxy: Sendable {
    private static let tokenPrefix = "bearer."
    private static let ownTime = Array("gateway;dur=".utf8)
    private static let upstreamTime = Array(", upstream;dur=".utf8)

    let routes: RouteTable
    let services: [Backend: LoadBalancer]
    let tokens: TokenChecker
    let limits: RateLimits

    /// Answers one request; throws ``Problem``, `RateLimited`, `RoutingError` or `BodyError`.
    func respond(to request: Request) async throws -> Response {
        request.matchedRoute = RouteTable.unmatched
        let record = RequestRecord.of(request)
        let start = MonotonicClock.nanoseconds
        defer { request.answerFields.append(.serverTiming) { Self.append(record, since: start, to: &$0) } }
        guard let path = request.decodedPath else { throw RoutingError.badPath }
        let route = routes.find(path)
        if let route { request.matchedRoute = route.pattern }
        var admission = try limits.admit(request, record)
        defer {
            // A refusal tells of the limits itself.
            if record.decision == RequestRecord.allowed { admission.append(to: &request.answerFields) }
        }
        guard let (backend, _) = route, let service = services[backend] else { throw RoutingError.notFound }
        record.service = backend
        let token = try await token(of: request, for: backend)
        record.token = token
        if let token { try admission.count(user: token.userID) }
        let sent = MonotonicClock.nanoseconds
        defer { record.upstreamMicroseconds = Int64(clamping: (MonotonicClock.nanoseconds - sent) / 1000) }
        return try await service.next(at: request.loop.deadline(after: .zero)).respond(to: request, record)
    }

    /// A token that is sent must be good; whether one is needed is the service's to know. Auth is asked even with an old
    /// one: that is where new ones come from.
    private func token(of request: Request, for backend: Backend) async throws -> AccessToken? {
        guard backend != .auth else { return nil }
        if let authorization = request.headerFields[.authorization] {
            return try await tokens.check(authorization: authorization)
        }
        // A browser's WebSocket sends it as a sub-protocol; the service answers for one that is not good, with a close code
        // that the page can read.
        let offered = request.headerFields.listMembers(of: .secWebSocketProtocol)
        guard let text = offered.first(where: { $0.hasPrefix(Self.tokenPrefix) }) else { return nil }
        return try? await tokens.check(String(text.dropFirst(Self.tokenPrefix.count)))
    }

    /// Where the time went, in milliseconds (the Server-Timing field of W3C).
    private static func append(_ record: RequestRecord, since start: UInt64, to output: inout [UInt8]) {
        let total = Int64(clamping: (MonotonicClock.nanoseconds - start) / 1000)
        output += ownTime
        append(milliseconds: total - (record.upstreamMicroseconds ?? 0), to: &output)
        guard let upstream = record.upstreamMicroseconds else { return }
        output += upstreamTime
        append(milliseconds: upstream, to: &output)
    }

    private static func append(milliseconds microseconds: Int64, to output: inout [UInt8]) {
        output.append(decimal: microseconds / 1000)
        output.append(UInt8(ascii: "."))
        let fraction = microseconds % 1000
        for digit in [fraction / 100, fraction / 10 % 10, fraction % 10] { output.append(48 + UInt8(digit)) }
    }
}
