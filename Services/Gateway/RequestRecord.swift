import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit

/// What the gateway finds out about a request on its way, for the request log. On the request's loop.
final class RequestRecord {
    /// What the log says of a request that no rule refused.
    static let allowed = "allowed"

    /// Who asked: the peer, or whom a trusted proxy names.
    let client: ClientAddress
    /// The request's id, as in `X-Request-Id`.
    let requestID: String?
    /// The same, as the service behind is told.
    let address: String
    /// Whom the limiter counts it for.
    var limitKey: String { client.address.kind == .ipv6 ? client.limitKey : address }
    /// Whether the client came over TLS.
    let isSecure: Bool
    /// Whose token it was.
    var token: AccessToken?
    /// Which service was asked.
    var service: Backend?
    /// Until that service's head was there.
    var upstreamMicroseconds: Int64?
    /// What the limiter knows the address by; nil when it was not asked.
    var addressKey: UInt64?
    /// When the limiter judged for address and route, in nanoseconds of the monotonic clock; nil when it was not asked.
    var judgedAt: UInt64?
    /// The same for the user.
    var userJudgedAt: UInt64?
    /// The policy that judged.
    var policyVersion: Int64 = 0
    /// `allowed`, or the rule that refused.
    var decision = RequestRecord.allowed

    private init(_ request: Request) {
        client = request.clientAddress
        requestID = request.headerFields[.xRequestID]
        address = client.host
        isSecure = request.isSecure
    }

    private enum Key: RequestKey {
        typealias Value = RequestRecord
    }

    /// The record of a request, begun with its first use.
    static func of(_ request: Request) -> RequestRecord {
        if let record = request[Key.self] { return record }
        let record = RequestRecord(request)
        request[Key.self] = record
        return record
    }
}
