public import Contracts
import FoundationEssentials

/// A refusal as clients see it: RFC 9457 `application/problem+json`. Thrown by routes and domain rules alike; anything
/// else that a route throws becomes `internal_error` and is logged.
public struct Problem: Error, Sendable, Equatable {
    /// One member of a request that is wrong.
    public struct FieldError: Codable, Sendable, Equatable {
        /// RFC 6901 pointer into the body, or the name of a query parameter.
        public var pointer: String
        /// A stable word: `required`, `invalid_type`, `invalid_value`, `unknown_field`, …
        public var code: String
        /// One sentence for people.
        public var detail: String

        /// Makes an entry.
        public init(pointer: String, code: String, detail: String) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    /// The media type of the body.
    public static let contentType = "application/problem+json"

    /// Which refusal it is.
    public var code: ErrorCode
    /// What it is about this time; must not carry secrets.
    public var detail: String?
    /// The members that are wrong, for 422.
    public var errors: [FieldError]
    /// Members of one's own, such as the seats that are taken.
    public var extensions: [String: [String]]
    /// Seconds after which trying again makes sense; becomes `Retry-After`.
    public var retryAfter: Int?
    /// Whether the same request may be sent again without harm; nil leaves it unsaid.
    public var isRetryable: Bool?

    /// Makes a refusal.
    public init(
        _ code: ErrorCode,
        _ detail: String? = nil,
        errors: [FieldError] = [],
        extensions: [String: [String]] = [:],
        retryAfter: Int? = nil,
        isRetryable: Bool? = nil
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.extensions = extensions
        self.retryAfter = retryAfter
        self.isRetryable = isRetryable
    }

    /// A 422 about one member.
    public static func invalid(
        _ pointer: String,
        _ detail: String,
        code: String = "invalid_value"
    ) -> Problem {
        Problem(.invalidRequest, errors: [FieldError(pointer: pointer, code: code, detail: detail)])
    }

    /// The body.
    public func body(traceID: String?) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and integers always encode.
        guard let data = try? encoder.encode(Body(problem: self, traceID: traceID)) else { return Array("{}".utf8) }
        return Array(data)
    }

    private struct Body: Encodable {
        let problem: Problem
        let traceID: String?

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: AnyCodingKey.self)
            try values.encode(problem.code.type, forKey: "type")
            try values.encode(problem.code.title, forKey: "title")
            try values.encode(problem.code.status, forKey: "status")
            try values.encode(problem.code.rawValue, forKey: "code")
            try values.encodeIfPresent(problem.detail, forKey: "detail")
            try values.encodeIfPresent(traceID, forKey: "trace_id")
            try values.encodeIfPresent(problem.isRetryable, forKey: "retryable")
            if !problem.errors.isEmpty { try values.encode(problem.errors, forKey: "errors") }
            for (name, members) in problem.extensions { try values.encode(members, forKey: AnyCodingKey(name)) }
        }
    }
}

/// A key known only at run time.
struct AnyCodingKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(stringLiteral name: String) { self.init(name) }

    init?(stringValue: String) { self.init(stringValue) }

    init?(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}
