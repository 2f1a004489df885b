import Contracts
import HTTPCore
import HTTPTransport
import Reactor
import ServiceKit
import Telemetry

/// One service behind the gateway: carries requests there and answers back without holding either in memory, and keeps
/// them away while it does not answer. Any loop.
final class Upstream: Sendable {
    /// From the end of a request to the head of its answer.
    static let headTimeout = Duration.seconds(30)
    /// One pause inside an answer: more than two heartbeats of a stream of events.
    static let bodyTimeout = Duration.seconds(60)
    /// nginx's status for logs: the client left before it was answered.
    private static let clientClosedRequest = HTTPResponse.Status(code: 499) ?? .badGateway

    let breaker = CircuitBreaker()
    private let origin: Origin
    private let authority: String
    private let client: HTTPClient
    private let headTimeout: Duration
    private let failures: Counter
    private let refusals: Counter

    /// The service at an origin; `name` is its label in metrics.
    init(
        _ name: String,
        at origin: Origin,
        client: HTTPClient,
        headTimeout: Duration = headTimeout,
        metrics: MetricRegistry = .shared
    ) {
        self.origin = origin
        authority = origin.description
        self.client = client
        self.headTimeout = headTimeout
        let labels = ["upstream": name]
        failures = metrics.counter("gateway.upstream.failures", help: "Requests without an answer.", labels: labels)
        refusals = metrics.counter("gateway.upstream.refusals", help: "Requests kept away.", labels: labels)
        let breaker = breaker
        metrics.observe("gateway.upstream.open", help: "1 while requests are kept away.", labels: labels) {
            breaker.isOpen ? 1 : 0
        }
    }

    /// A client with the limits of a proxy: as many connections to a service as clients may hold.
    static func makeClient() -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .seconds(2)
        configuration.idlePerOrigin = 128
        configuration.connectionsPerOrigin = HTTPServerConfiguration().connectionLimit
        return HTTPClient(configuration)
    }

    /// Carries a request to the service; throws ``Problem``, or `BodyError` when the client's body is at fault.
    func respond(to request: Request, _ record: RequestRecord) async throws -> Response {
        if let seconds = breaker.refusal(at: request.loop.deadline(after: .zero)) {
            refusals.increment()
            throw Problem(.unavailable, retryAfter: seconds, isRetryable: true)
        }
        let cancellation = ClientCancellation()
        request.onHangup { cancellation.cancel() }
        do {
            let answer = try await client.send(message(for: request, record, cancellation), to: origin, until: .never)
            breaker.record(.answered, at: request.loop.deadline(after: .zero))
            return try response(answer, to: request)
        } catch {
            guard !cancellation.isCancelled else {
                breaker.record(.abandoned, at: request.loop.deadline(after: .zero))
                return Response(Self.clientClosedRequest)
            }
            throw failure(error, of: request)
        }
    }

    // MARK: There

    private func message(
        for request: Request,
        _ record: RequestRecord,
        _ cancellation: ClientCancellation
    ) -> ClientRequest {
        let isUpgrade =
            request.wantsUpgrade && request.method == .get && request.body.isComplete
            && request.headerFields.contains(.upgrade, listMember: "websocket")
        var fields = ForwardedFields.ofRequest(
            request.headerFields,
            ForwardedFields.Client(
                address: record.address,
                host: request.head.authority,
                isSecure: record.isSecure,
                traceparent: request.traceContext?.traceparent
            )
        )
        if isUpgrade { fields[.upgrade] = "websocket" }
        let head = HTTPRequest(
            method: request.method,
            authority: authority,
            path: request.path,
            headerFields: fields
        )
        var message = ClientRequest(head, body: Self.body(of: request.body))
        message.headTimeout = headTimeout
        message.readTimeout = Self.bodyTimeout
        message.wantsUpgrade = isUpgrade
        message.cancellation = cancellation
        message.onInterim = { interim in
            do {
                let fields = ForwardedFields.ofResponse(interim.headerFields)
                try await request.sendInterim(HTTPResponse(status: interim.status, headerFields: fields))
            } catch {
                // The client's end, not the service's.
                cancellation.cancel()
            }
        }
        return message
    }

    /// In one piece when it is there: it goes out with the head, and may go out twice.
    private static func body(of body: IncomingBody) -> ClientRequest.Body {
        if body.isComplete { return .none }
        if let bytes = body.takeArrived() { return .bytes(bytes) }
        return .stream(length: body.length) { try await body.relay(to: $0) }
    }

    private func failure(_ error: any Error, of request: Request) -> any Error {
        let now = request.loop.deadline(after: .zero)
        guard let error = error as? HTTPClientError, error != .tooManyConnections else {
            breaker.record(.abandoned, at: now)
            return error is HTTPClientError ? Problem(.overloaded, retryAfter: 1, isRetryable: true) : error
        }
        failures.increment()
        breaker.record(.failed, at: now)
        let isRetryable = request.method.isIdempotent || request.headerFields.contains(.idempotencyKey)
        switch error {
        case .connectFailed: return Problem(.unavailable, retryAfter: 1, isRetryable: true)
        case .timedOut: return Problem(.gatewayTimeout, isRetryable: isRetryable)
        default: return Problem(.badGateway, isRetryable: isRetryable)
        }
    }

    // MARK: And back

    private func response(_ answer: ClientResponse, to request: Request) throws -> Response {
        var fields = ForwardedFields.ofResponse(answer.headerFields)
        if answer.status == .switchingProtocols {
            guard answer.headerFields.contains(.upgrade, listMember: "websocket"), let service = answer.takeUpgraded()
            else {
                answer.close()
                throw Problem(.badGateway, isRetryable: true)
            }
            // From now on the tunnel sees the client leave.
            request.onHangup(nil)
            fields[.upgrade] = "websocket"
            return Response(
                .switchingProtocols,
                fields,
                body: .upgrade { await WebSocketTunnel(client: $0, service: service).run() }
            )
        }
        if answer.body.isComplete { return Response(answer.status, fields) }
        if let bytes = answer.body.takeArrived() { return Response(answer.status, fields, body: .bytes(bytes)) }
        return Response(
            answer.status,
            fields,
            body: .stream(length: answer.body.length) { try await Self.relay(answer, to: $0, for: request) }
        )
    }

    private static func relay(_ answer: ClientResponse, to writer: BodyWriter, for request: Request) async throws {
        defer { answer.close() }
        let isEndless = answer.headerFields[.contentType]?.hasPrefix("text/event-stream") ?? false
        if isEndless { request.onDrain { answer.close() } }
        do {
            try await answer.body.relay(to: writer)
        } catch let error as BodyError {
            // A client of events comes back with the id of the last whole one.
            if isEndless, request.isDraining { return }
            // Unless the head is out, the client gets this: it is not the client's body that is at fault.
            throw BrokenAnswer(problem: Problem(.badGateway, "\(error)"), requestID: request.headerFields[.xRequestID])
        }
    }
}

/// A service's answer that turned out to be broken after the last middleware had seen it.
private struct BrokenAnswer: ResponseConvertible {
    let problem: Problem
    let requestID: String?

    var response: Response {
        var response = problem.response
        response.headerFields[.xRequestID] = requestID
        return response
    }
}
