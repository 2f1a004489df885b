import Contracts
import HTTPCore
public import HTTPTransport
import System
public import Telemetry

/// The outermost middleware of a service: gives each request its trace, its id and its client, turns errors into problems, counts and
/// logs. Logs hold the route's pattern, never query values.
public struct RequestObserver: Sendable {
    private static let requestIDLimit = 128
    private let logger: Logger
    private let durations: RequestDurations
    private let proxies: TrustedProxies
    private let level: LogLevel

    /// An observer that writes to the logger and registry, and believes these proxies. `level` is that of the line of a
    /// request without a fault of ours.
    public init(
        logger: Logger,
        proxies: TrustedProxies = TrustedProxies(),
        level: LogLevel = .info,
        metrics: MetricRegistry = .shared
    ) {
        self.logger = logger
        self.proxies = proxies
        self.level = level
        durations = RequestDurations(metrics)
    }

    /// Answers a request by `next`; throws only when the client is gone.
    public func respond(to request: Request, next: Handler) async throws -> Response {
        let start = MonotonicClock.nanoseconds
        let parent = request.headerFields[.traceParent].flatMap { TraceContext(traceparent: $0) }
        let context = parent?.child() ?? .root()
        request.traceContext = context
        let id = Self.requestID(of: request) ?? context.traceID
        request.head.headerFields[.xRequestID] = id
        request[TrustedProxies.Client.self] = proxies.client(of: request)
        var response = try await TraceContext.$current.withValue(context) {
            try await answer(request, next)
        }
        response.headerFields.append(contentsOf: request.answerFields)
        response.headerFields[.xRequestID] = id
        let seconds = Double(MonotonicClock.nanoseconds - start) / 1e9
        record(request, status: response.status.code, seconds: seconds, context)
        tell(request, status: response.status.code, seconds: seconds, context, parent)
        return response
    }

    /// The answer to what is no request (RFC 9112): a problem with an id that nothing else has.
    static func refusal(_ status: HTTPResponse.Status) -> Response {
        var response = Problem.of(status)?.response ?? .text(status, status.reasonPhrase + "\n")
        response.headerFields[.xRequestID] = TraceContext.root().traceID
        return response
    }

    private func answer(_ request: Request, _ next: Handler) async throws -> Response {
        do {
            return try await next(request)
        } catch let error as CancellationError {
            throw error
        } catch let refusal as RateLimited {
            return refusal.response
        } catch {
            if let problem = Problem.meaning(of: error) {
                var response = problem.response
                if case RoutingError.methodNotAllowed = error, let routing = error as? RoutingError {
                    response.headerFields[.allow] = routing.response.headerFields[.allow]
                }
                return response
            }
            logger.error("a request failed", metadata: ["route": "\(Self.route(of: request))", "error": "\(error)"])
            return Problem(.internalError).response
        }
    }

    private func record(_ request: Request, status: Int, seconds: Double, _ context: TraceContext) {
        let route = Self.route(of: request)
        durations.histogram(request.method, route, status, on: request.loop).observe(seconds)
        let isProbe = route == "/livez" || route == "/readyz" || route == "/metrics"
        logger.log(
            level: isProbe ? .debug : status < 500 ? level : .info,
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": .count(status),
                "duration_ms": .double((seconds * 1_000_000).rounded() / 1000),
                "client": "\(request.clientAddress.prefix)", "trace_id": "\(context.traceID)",
            ]
        )
    }

    /// The request as a span of its trace, but for the probes.
    private func tell(
        _ request: Request,
        status: Int,
        seconds: Double,
        _ context: TraceContext,
        _ parent: TraceContext?
    ) {
        let route = Self.route(of: request)
        guard route.hasPrefix("/v1/") || route.hasPrefix("/internal/v1/") || route == "unmatched" else { return }
        SpanSink.shared.record(context) {
            Span(
                context,
                parentID: parent?.spanID,
                kind: .request,
                name: "\(request.method.rawValue) \(route)",
                start: WallClock.system.now.adding(milliseconds: -Int64(seconds * 1000)),
                durationMicroseconds: Int64(seconds * 1_000_000),
                status: status
            )
        }
    }

    private static func route(of request: Request) -> String { request.matchedRoute ?? "unmatched" }

    /// The caller's own id when it is short and plain.
    private static func requestID(of request: Request) -> String? {
        guard let id = request.headerFields[.xRequestID], !id.isEmpty, id.utf8.count <= requestIDLimit,
            id.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        return id
    }
}
