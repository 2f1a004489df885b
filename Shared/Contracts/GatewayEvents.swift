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
    /// The position of the request in that process's count of requests, from 1 without a gap: a number that is missing in
    /// the log was dropped. With `gatewayID` it names the entry, should it come twice.
    public var sequence: Int64
    /// Entries that the process had to drop so far.
    public var dropped: Int64
    /// The method.
    public var method: String
    /// The route's pattern, such as `/v1/bookings/{id}`, or `unmatched`.
    public var route: String
    /// The service that answered; nil when the gateway itself did.
    public var service: String?
    /// The status answered.
    public var status: Int
    /// Whether the whole answer was written; false when the client left or the service broke off.
    public var isComplete: Bool
    /// From the request's head to the end of the answer, of the stream or of the WebSocket, in microseconds.
    public var durationMicroseconds: Int64
    /// Until the service's head was there, in microseconds; nil when none was asked.
    public var upstreamMicroseconds: Int64?
    /// Bytes read of the request's body, or from the WebSocket's client.
    public var requestBytes: Int64
    /// Bytes written to the client, head included.
    public var responseBytes: Int64
    /// The user of a valid token.
    public var userID: Identifier?
    /// The session of that token.
    public var sessionID: Identifier?
    /// The caller's network, /24 or /48.
    public var addressPrefix: String
    /// Tells the callers of one gateway process apart: a digest of the address under a secret that ends with the process.
    public var addressKey: String?
    /// The trace, 32 hexadecimal digits.
    public var traceID: String
    /// The version of the rate-limit policy that judged; 0 is the built-in one.
    public var policyVersion: Int64
    /// `allowed`, or the name of the rule that refused.
    public var decision: String
    /// The instant of the process's clock, in nanoseconds, at which rules of addresses and routes judged; nil when none were
    /// asked. Instants order the judgements of a process.
    public var judgedAt: Int64?
    /// The same of the rules of users.
    public var userJudgedAt: Int64?
    /// When the request's head had come.
    public var timestamp: Timestamp

    /// Makes an entry.
    public init(
        requestID: String,
        gatewayID: String,
        sequence: Int64,
        dropped: Int64,
        method: String,
        route: String,
        service: String?,
        status: Int,
        isComplete: Bool,
        durationMicroseconds: Int64,
        upstreamMicroseconds: Int64?,
        requestBytes: Int64,
        responseBytes: Int64,
        userID: Identifier?,
        sessionID: Identifier?,
        addressPrefix: String,
        addressKey: String? = nil,
        traceID: String,
        policyVersion: Int64,
        decision: String,
        judgedAt: Int64? = nil,
        userJudgedAt: Int64? = nil,
        timestamp: Timestamp
    ) {
        self.requestID = requestID
        self.gatewayID = gatewayID
        self.sequence = sequence
        self.dropped = dropped
        self.method = method
        self.route = route
        self.service = service
        self.status = status
        self.isComplete = isComplete
        self.durationMicroseconds = durationMicroseconds
        self.upstreamMicroseconds = upstreamMicroseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.userID = userID
        self.sessionID = sessionID
        self.addressPrefix = addressPrefix
        self.addressKey = addressKey
        self.traceID = traceID
        self.policyVersion = policyVersion
        self.decision = decision
        self.judgedAt = judgedAt
        self.userJudgedAt = userJudgedAt
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { requestID }

    /// Written by hand: one for every request.
    public func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("address_key", addressKey)
        object.add("address_prefix", addressPrefix)
        object.add("complete", isComplete)
        object.add("decision", decision)
        object.add("dropped", dropped)
        object.add("duration_us", durationMicroseconds)
        object.add("gateway_id", gatewayID)
        object.add("judged_ns", judgedAt)
        object.add("method", method)
        object.add("policy_version", policyVersion)
        object.add("request_bytes", requestBytes)
        object.add("request_id", requestID)
        object.add("response_bytes", responseBytes)
        object.add("route", route)
        object.add("sequence", sequence)
        object.add("service", service)
        object.add("session_id", sessionID)
        object.add("status", Int64(status))
        object.add("timestamp", timestamp.description)
        object.add("trace_id", traceID)
        object.add("upstream_us", upstreamMicroseconds)
        object.add("user_id", userID)
        object.add("user_judged_ns", userJudgedAt)
        return object.finish()
    }

    /// Read by hand: one for every request.
    public static func read(_ json: [UInt8]) -> Self? {
        guard let object = FlatJSONReader(json), let requestID = object.text("request_id"),
            let gatewayID = object.text("gateway_id"), let sequence = object.number("sequence"),
            let dropped = object.number("dropped"), let method = object.text("method"),
            let route = object.text("route"), let status = object.number("status").flatMap(Int.init(exactly:)),
            let isComplete = object.flag("complete"), let duration = object.number("duration_us"),
            let requestBytes = object.number("request_bytes"), let responseBytes = object.number("response_bytes"),
            let addressPrefix = object.text("address_prefix"), let traceID = object.text("trace_id"),
            let policyVersion = object.number("policy_version"), let decision = object.text("decision"),
            let timestamp = object.instant("timestamp")
        else { return nil }
        return Self(
            requestID: requestID,
            gatewayID: gatewayID,
            sequence: sequence,
            dropped: dropped,
            method: method,
            route: route,
            service: object.text("service"),
            status: status,
            isComplete: isComplete,
            durationMicroseconds: duration,
            upstreamMicroseconds: object.number("upstream_us"),
            requestBytes: requestBytes,
            responseBytes: responseBytes,
            userID: object.id("user_id"),
            sessionID: object.id("session_id"),
            addressPrefix: addressPrefix,
            addressKey: object.text("address_key"),
            traceID: traceID,
            policyVersion: policyVersion,
            decision: decision,
            judgedAt: object.number("judged_ns"),
            userJudgedAt: object.number("user_judged_ns"),
            timestamp: timestamp
        )
    }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case gatewayID = "gateway_id"
        case isComplete = "complete"
        case durationMicroseconds = "duration_us"
        case upstreamMicroseconds = "upstream_us"
        case requestBytes = "request_bytes"
        case responseBytes = "response_bytes"
        case userID = "user_id"
        case sessionID = "session_id"
        case addressPrefix = "address_prefix"
        case addressKey = "address_key"
        case judgedAt = "judged_ns"
        case userJudgedAt = "user_judged_ns"
        case traceID = "trace_id"
        case policyVersion = "policy_version"
        case sequence, dropped, method, route, service, status, decision, timestamp
    }
}
