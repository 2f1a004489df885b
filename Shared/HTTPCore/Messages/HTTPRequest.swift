/// A request without its body (names after swift-http-types).
public struct HTTPRequest: Sendable, Equatable {
    /// The method.
    public var method: Method
    /// `http` or `https` when the target named one.
    public var scheme: String?
    /// The host and port: from the target when it is absolute, else from the Host field.
    public var authority: String?
    /// Path and query as sent, still percent-encoded; `*` for a request about the server.
    public var path: String
    /// The fields, Host included.
    public var headerFields: HTTPFields

    /// A request; `path` must begin with `/` (or be `*`).
    public init(
        method: Method,
        scheme: String? = nil,
        authority: String? = nil,
        path: String,
        headerFields: HTTPFields = [:]
    ) {
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.headerFields = headerFields
    }

    /// A request method: a token, compared with regard to case.
    public struct Method: Sendable, Hashable, CustomStringConvertible {
        /// The method as it is written.
        public let rawValue: String

        /// Nil unless the text is a token.
        public init?(_ method: String) {
            guard !method.isEmpty, method.utf8.allSatisfy(ByteClass.isToken) else { return nil }
            rawValue = method
        }

        init(valid method: String) { rawValue = method }

        /// The method as it is written.
        public var description: String { rawValue }

        /// True when repeating the request has the effect of sending it once (RFC 9110 section 9.2.2).
        public var isIdempotent: Bool { isSafe || self == .put || self == .delete }

        /// True when the request asks for no change (RFC 9110 section 9.2.1).
        public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }

        /// `GET`.
        public static let get = Method(valid: "GET")
        /// `HEAD`.
        public static let head = Method(valid: "HEAD")
        /// `POST`.
        public static let post = Method(valid: "POST")
        /// `PUT`.
        public static let put = Method(valid: "PUT")
        /// `PATCH`.
        public static let patch = Method(valid: "PATCH")
        /// `DELETE`.
        public static let delete = Method(valid: "DELETE")
        /// `OPTIONS`.
        public static let options = Method(valid: "OPTIONS")
        /// `CONNECT`.
        public static let connect = Method(valid: "CONNECT")
        /// `TRACE`.
        public static let trace = Method(valid: "TRACE")
    }
}
