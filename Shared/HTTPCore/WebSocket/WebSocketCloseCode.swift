/// Why a WebSocket ends (RFC 6455 section 7.4, IANA registry; 4000 to 4999 belong to the application).
public struct WebSocketCloseCode: Sendable, Hashable, CustomStringConvertible {
    /// The number.
    public let rawValue: UInt16

    /// A code; see `isSendable` for the ones that may stand in a frame.
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }

    /// The number as text.
    public var description: String { "\(rawValue)" }

    /// True for codes that may stand in a close frame.
    public var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// 1000: the purpose is fulfilled.
    public static let normal = WebSocketCloseCode(1000)
    /// 1001: the server goes down or the page is left.
    public static let goingAway = WebSocketCloseCode(1001)
    /// 1002: the peer broke the protocol.
    public static let protocolError = WebSocketCloseCode(1002)
    /// 1003: a kind of data that is not understood.
    public static let unacceptableData = WebSocketCloseCode(1003)
    /// 1005, never sent: the close frame had no code.
    public static let noStatus = WebSocketCloseCode(1005)
    /// 1006, never sent: the connection ended without a close frame.
    public static let abnormal = WebSocketCloseCode(1006)
    /// 1007: text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(1007)
    /// 1008: against the server's policy.
    public static let policyViolation = WebSocketCloseCode(1008)
    /// 1009: a message longer than the limit.
    public static let messageTooBig = WebSocketCloseCode(1009)
    /// 1011: an unexpected condition.
    public static let internalError = WebSocketCloseCode(1011)
    /// 1013: try again later.
    public static let tryAgainLater = WebSocketCloseCode(1013)
    /// 4401: the session was revoked or the token is not accepted.
    public static let unauthorized = WebSocketCloseCode(4401)
    /// 4408: the peer reads slower than messages come.
    public static let slowConsumer = WebSocketCloseCode(4408)
}
