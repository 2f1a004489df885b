/// A response without its body (names after swift-http-types).
public struct HTTPResponse: Sendable, Equatable {
    /// The status.
    public var status: Status
    /// The fields.
    public var headerFields: HTTPFields

    /// A response.
    public init(status: Status, headerFields: HTTPFields = [:]) {
        self.status = status
        self.headerFields = headerFields
    }

    /// A status code, 100 to 599; the reason phrase is for people and takes no part in comparison.
    public struct Status: Sendable, Hashable, CustomStringConvertible {
        /// The code.
        public let code: Int

        /// Nil unless the code has three digits, the first of them 1 to 5.
        public init?(code: Int) {
            guard (100...599).contains(code) else { return nil }
            self.code = code
        }

        init(valid code: Int) { self.code = code }

        /// What the first digit says.
        public var kind: Kind {
            switch code {
            case ..<200: .informational
            case ..<300: .successful
            case ..<400: .redirection
            case ..<500: .clientError
            default: .serverError
            }
        }

        /// True for the statuses whose response never has a body (RFC 9112 section 6.3).
        public var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }

        /// Code and phrase: `404 Not Found`.
        public var description: String { "\(code) \(reasonPhrase)" }
    }
}

extension HTTPResponse.Status {
    /// The classes of status codes.
    public enum Kind: Sendable {
        /// 1xx.
        case informational
        /// 2xx.
        case successful
        /// 3xx.
        case redirection
        /// 4xx.
        case clientError
        /// 5xx.
        case serverError
    }
}
