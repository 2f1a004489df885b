import Contracts
import HTTPCore
public import HTTPTransport
import Persistence
import Telemetry

extension Problem: ResponseConvertible {
    /// The refusal as a response, with the trace id of the task and the fields that its status asks for.
    public var response: Response {
        var fields: HTTPFields = [.contentType: Self.contentType, .cacheControl: "no-store"]
        if code.status == 401 { fields[.wwwAuthenticate] = challenge }
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        let status = HTTPResponse.Status(code: code.status) ?? .internalServerError
        return Response(status, fields, body: .bytes(body(traceID: TraceContext.current?.traceID)))
    }

    /// RFC 6750 section 3: no error code when no token was sent.
    private var challenge: String {
        switch code {
        case .invalidToken, .tokenExpired, .tokenRevoked:
            "Bearer realm=\"marquee\", error=\"invalid_token\", error_description=\"\(code.title)\""
        default: "Bearer realm=\"marquee\""
        }
    }

    /// The most general refusal with a status.
    static func of(_ status: HTTPResponse.Status) -> Problem? {
        ErrorCode.allCases.first { $0.status == status.code }.map { Problem($0) }
    }

    /// What an error that came out of a route means to a client; nil when it is a fault of ours.
    static func meaning(of error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: return problem
        case RoutingError.badPath: return Problem(.malformedRequest, "the path is malformed")
        case RoutingError.notFound: return Problem(.routeNotFound)
        case RoutingError.methodNotAllowed: return Problem(.methodNotAllowed)
        case BodyError.tooLarge(let limit): return Problem(.payloadTooLarge, "at most \(limit) bytes")
        case BodyError.timedOut: return Problem(.requestTimeout)
        case BodyError.malformed(let error): return of(error.status) ?? Problem(.malformedRequest)
        case BodyError.connectionLost: return Problem(.malformedRequest)
        case let error as DatabaseError where error.code == .overloaded: return Problem(.overloaded, retryAfter: 1)
        case let error as DatabaseError where error.code == .diskFull: return Problem(.storageFull)
        default: return nil
        }
    }
}
