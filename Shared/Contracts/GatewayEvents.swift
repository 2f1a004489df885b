public import EventBus
public import System

/// One request the gateway answered (`gateway.request`): no bodies, tokens or query values.
public struct GatewayRequest: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "gateway.request"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.gatewayRequests
    /// See ``EventPayload/source``.
    public static let source = "/gateway"

    /// The request's id, as in `X-Request-Id`.
    public var requestID: String
    /// The gateway process.
    public var gatewayID: String
    /// The position of the request in that process's count; gaps are what had to be dropped.
    public var sequence: Int64
    /// The method.
    public var method: String
    /// The route's pattern, such as `/v1/bookings/{id}`, or `unmatched`.
    public var route: String
    /// The service that answered; nil when the gateway itself did.
    public var service: String?
    /// The status answered.
    public var status: Int
    /// From the request's head to the end of the answer, in microseconds.
    public var durationMicroseconds: Int64
    /// Bytes of the request's body.
    public var requestBytes: Int64
    /// Bytes of the answer's body.
    public var responseBytes: Int64
    /// The user of a valid token.
    public var userID: Identifier?
    /// The caller's network, /24 or /48.
    public var addressPrefix: String
    /// The trace, 32 hexadecimal digits.
    public var traceID: String
    /// The version of the rate-limit policy that judged.
    public var policyVersion: Int64
    /// `allowed`, or the limit that refused.
    public var decision: String
    /// When the request's head had come.
    public var timestamp: Timestamp

    /// Makes an entry.
    public init(
        requestID: String,
        gatewayID: String,
        sequence: Int64,
        method: String,
        route: String,
        service: String?,
        status: Int,
        durationMicroseconds: Int64,
        requestBytes: Int64,
        responseBytes: Int64,
        userID: Identifier?,
        addressPrefix: String,
        traceID: String,
        policyVersion: Int64,
        decision: String,
        timestamp: Timestamp
    ) {
        self.requestID = requestID
        self.gatewayID = gatewayID
        self.sequence = sequence
        self.method = method
        self.route = route
        self.service = service
        self.status = status
        self.durationMicroseconds = durationMicroseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.userID = userID
        self.addressPrefix = addressPrefix
        self.traceID = traceID
        self.policyVersion = policyVersion
        self.decision = decision
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { requestID }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case gatewayID = "gateway_id"
        case durationMicroseconds = "duration_us"
        case requestBytes = "request_bytes"
        case responseBytes = "response_bytes"
        case userID = "user_id"
        case addressPrefix = "address_prefix"
        case traceID = "trace_id"
        case policyVersion = "policy_version"
        case sequence, method, route, service, status, decision, timestamp
    }
}
