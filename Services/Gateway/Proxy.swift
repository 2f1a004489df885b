import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// The gateway's handler: finds the service of a path, checks token and limits, and carries the request there and the answer
/// back without holding either in memory.
struct Proxy: Sendable {
    private static let pools = LoopLocal { _ in UpstreamPool() }

    let routes: RouteTable
    let backends: [Backend: Address]
    let tokens: TokenChecker
    let limits: RateLimits
    let trustedProxies: Set<String>

    /// Where a service is: a name is looked up at each new connection, and the resolver remembers.
    struct Address: Sendable {
        var host: String
        var port: UInt16

        var authority: String { "\(host):\(port)" }
    }

    /// Answers one request; throws ``Problem``, ``RateLimited`` or ``RoutingError``.
    func respond(to request: Request) async throws -> Response {
        request[MatchedRoute.self] = "unmatched"
        let record = RequestRecord.of(request)
        guard let path = RequestPath(request.path) else { throw RoutingError.badPath }
        let client = clientAddress(of: request)
        record.client = client
        var admission = try limits.admit(request, path, from: client)
        guard let (backend, pattern) = routes.find(path), let address = backends[backend] else {
            throw RoutingError.notFound
        }
        request[MatchedRoute.self] = pattern
        record.service = backend
        let token = try await token(of: request, for: backend)
        record.token = token
        if let token { try admission.count(user: token.userID) }
        var response: Response
        let start = MonotonicClock.nanoseconds
        defer { record.upstream = .nanoseconds(Int64(clamping: MonotonicClock.nanoseconds - start)) }
        do {
            let target = try await Resolver.shared.resolve(host: address.host, port: address.port)
            response = try await forward(request, to: target, authority: address.authority, client: client)
        } catch let error as UpstreamError {
            throw Self.problem(for: error)
        } catch is ConnectionError {
            throw Problem(.badGateway)
        }
        for field in admission.fields { response.headerFields.append(field) }
        return response
    }

    // MARK: Who asks

    /// The peer, or whom a trusted proxy names.
    private func clientAddress(of request: Request) -> ClientAddress {
        let peer = ClientAddress(request.remoteAddress)
        guard trustedProxies.contains(request.remoteAddress.host),
            let last = request.headerFields.listMembers(of: .xForwardedFor).last
        else { return peer }
        return ClientAddress(last) ?? peer
    }

    /// A token that is sent must be good; whether one is needed is the service's to know. Auth is asked even with an old
    /// one: that is where new ones come from.
    private func token(of request: Request, for backend: Backend) async throws -> AccessToken? {
        guard backend != .auth, let authorization = request.headerFields[.authorization] else { return nil }
        return try await tokens.check(authorization: authorization)
    }

    private static func problem(for error: UpstreamError) -> Problem {
        switch error {
        case .unreachable: Problem(.unavailable, retryAfter: 1)
        case .timedOut: Problem(.gatewayTimeout)
        case .brokenAnswer, .clientGone: Problem(.badGateway)
        }
    }

    // MARK: There and back

    private func forward(
        _ request: Request,
        to target: SocketAddress,
        authority: String,
        client: ClientAddress
    ) async throws -> Response {
        let body = BodySource(request.body)
        let isUpgrade = request.wantsUpgrade && request.headerFields.contains(.upgrade, listMember: "websocket")
        let head = upstreamHead(request, authority: authority, body: body, isUpgrade: isUpgrade)
        let exchange = try await start(request, head, body, target, isReusable: !isUpgrade)
        guard let answer = exchange.head else { throw UpstreamError.brokenAnswer }
        if answer.response.status == .switchingProtocols {
            guard isUpgrade else {
                exchange.connection.close()
                throw UpstreamError.brokenAnswer
            }
            return Self.tunnel(answer.response, exchange.connection)
        }
        return Self.response(to: request, answer, exchange, target)
    }

    /// Sends the request, on a waiting connection if there is one. When that one turns out to be dead and nothing is lost by
    /// it, once more on a new one (RFC 9110 section 9.2.2).
    private func start(
        _ request: Request,
        _ head: HTTPRequest,
        _ body: BodySource,
        _ target: SocketAddress,
        isReusable: Bool
    ) async throws -> UpstreamExchange {
        let loop = request.loop
        if isReusable, let waiting = Self.pools[loop].take(target, on: loop) {
            let exchange = UpstreamExchange(waiting)
            do {
                return try await start(exchange, request, head, body)
            } catch UpstreamError.brokenAnswer where request.method.isIdempotent && !exchange.hasTakenBody {
                // The service closed it while the request was on its way.
            }
        }
        return try await start(UpstreamExchange(UpstreamPool.connect(target, on: loop)), request, head, body)
    }

    private func start(
        _ exchange: UpstreamExchange,
        _ request: Request,
        _ head: HTTPRequest,
        _ body: BodySource
    ) async throws -> UpstreamExchange {
        let connection = exchange.connection
        request.onHangup { connection.close() }
        defer { request.onHangup(nil) }
        do {
            try await exchange.start(head, body: body)
            return exchange
        } catch {
            connection.close()
            throw error
        }
    }

    private func upstreamHead(
        _ request: Request,
        authority: String,
        body: BodySource,
        isUpgrade: Bool
    ) -> HTTPRequest {
        let trace = request.traceContext
        let client = ForwardedFields.Client(
            address: clientAddress(of: request).text,
            host: request.head.authority,
            isSecure: false,
            requestID: request.headerFields[.xRequestID] ?? trace?.traceID ?? TraceContext.root().traceID,
            traceparent: trace?.traceparent
        )
        var fields = ForwardedFields.ofRequest(request.headerFields, client)
        body.announce(in: &fields, method: request.method)
        if isUpgrade {
            fields[.upgrade] = "websocket"
            fields[.connection] = "Upgrade"
        }
        return HTTPRequest(method: request.method, authority: authority, path: request.path, headerFields: fields)
    }

    private static func response(
        to request: Request,
        _ answer: ResponseHead,
        _ exchange: UpstreamExchange,
        _ target: SocketAddress
    ) -> Response {
        let loop = request.loop
        let connection = exchange.connection
        let fields = ForwardedFields.ofResponse(answer.response.headerFields)
        guard answer.body != .none else {
            if answer.keepsAlive, connection.input.isEmpty {
                pools[loop].give(connection, target, on: loop)
            } else {
                connection.close()
            }
            return Response(answer.response.status, fields)
        }
        var length: UInt64?
        if case .length(let count) = answer.body { length = count }
        return Response(
            answer.response.status,
            fields,
            body: .stream(length: length) { writer in
                request.onHangup { connection.close() }
                defer { request.onHangup(nil) }
                do {
                    // A stream of events has its head sent before there is any.
                    if length == nil { try await writer.flush() }
                    if try await exchange.relay(answer, { try await writer.write($0) }) {
                        pools[loop].give(connection, target, on: loop)
                    } else {
                        connection.close()
                    }
                } catch {
                    connection.close()
                    throw error
                }
            }
        )
    }

    private static func tunnel(_ answer: HTTPResponse, _ service: Connection) -> Response {
        var fields = ForwardedFields.ofResponse(answer.headerFields)
        fields[.upgrade] = "websocket"
        fields[.connection] = "Upgrade"
        return Response(
            .switchingProtocols,
            fields,
            body: .upgrade { client in await WebSocketTunnel.run(client, service) }
        )
    }
}

extension ClientAddress {
    /// The whole address, for X-Forwarded-For.
    var text: String { limitKey.hasSuffix("/64") ? String(limitKey.dropLast(3)) : limitKey }
}
