/// Why a request or a mail did not go out.
public struct OutboundError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller can act on.
    public enum Code: String, Sendable {
        /// The request itself is wrong: a line break in a field, a bad URL.
        case invalid
        /// The address is not on the public Internet, or the protocol is not allowed.
        case refused
        /// No connection, a broken one, or a TLS failure: may pass.
        case unreachable
        /// The deadline has passed: may pass.
        case timeout
        /// The answer is larger than allowed.
        case tooLarge = "too_large"
        /// The mail server said "try later" (4yz).
        case temporary
        /// The mail server said no for good (5yz).
        case rejected
        /// The client is closed or too much is queued.
        case closed
    }

    /// What a caller can act on.
    public let code: Code
    /// For people; holds no secret and no body.
    public let detail: String

    /// What the mail server answered, when it did.
    public let status: Int?

    init(_ code: Code, _ detail: String, status: Int? = nil) {
        self.code = code
        self.detail = detail
        self.status = status
    }

    /// Whether the same call may succeed later.
    public var isRetriable: Bool {
        switch code {
        case .unreachable, .timeout, .temporary, .closed: true
        case .invalid, .refused, .tooLarge, .rejected: false
        }
    }

    /// `timeout: …`.
    public var description: String { "\(code.rawValue): \(detail)" }
}

/// Refuses what would end a line: libcurl writes header fields and mail commands as they are.
func checkLine(_ text: String, _ what: String) throws(OutboundError) {
    for byte in text.utf8 where byte == 13 || byte == 10 || byte == 0 {
        throw OutboundError(.invalid, "\(what) holds a line break or NUL")
    }
}
