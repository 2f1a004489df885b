import Contracts
public import HTTPCore
public import HTTPTransport

/// A request over a limit: 429 with `Retry-After`, the RateLimit fields of every limit that applies (structured-field lists of
/// draft-ietf-httpapi-ratelimit-headers) and a problem that names those that were exceeded.
public struct RateLimited: Error, Sendable, Equatable {
    /// One limit and where the client stands with it.
    public struct Limit: Sendable, Equatable {
        /// The limit's name.
        public var name: String
        /// Units in each window.
        public var quota: Int
        /// The window, in seconds.
        public var windowSeconds: Int
        /// Units left.
        public var remaining: Int
        /// Seconds until there are more; at least 1.
        public var seconds: Int
        /// Whether this limit refuses the request.
        public var isViolated: Bool

        /// Makes a limit.
        public init(
            name: String,
            quota: Int,
            windowSeconds: Int,
            remaining: Int,
            seconds: Int,
            isViolated: Bool
        ) {
            self.name = name
            self.quota = quota
            self.windowSeconds = windowSeconds
            self.remaining = remaining
            self.seconds = max(1, seconds)
            self.isViolated = isViolated
        }
    }

    /// The limits that apply; at least one is violated.
    public var limits: [Limit]

    /// A refusal.
    public init(_ limits: [Limit]) {
        self.limits = limits
    }

    /// `RateLimit-Policy` and `RateLimit` as lists of all limits; none without limits.
    public static func fields(_ limits: [Limit]) -> HTTPFields {
        var fields = HTTPFields()
        append(limits, to: &fields)
        return fields
    }

    /// Adds `RateLimit-Policy` and `RateLimit` to the fields of an answer; nothing without limits.
    public static func append(_ limits: [Limit], to fields: inout HTTPFields) {
        guard !limits.isEmpty else { return }
        fields.append(.rateLimitPolicy) { output in
            list(limits, &output) {
                $1 += RateLimitField.policy(
                    RateLimitField.name($0.name),
                    quota: $0.quota,
                    windowSeconds: $0.windowSeconds
                )
            }
        }
        fields.append(.rateLimit) { output in
            list(limits, &output) {
                $1 += RateLimitField.name($0.name)
                RateLimitField.appendState(remaining: $0.remaining, resetSeconds: $0.seconds, to: &$1)
            }
        }
    }

    private static func list(_ limits: [Limit], _ output: inout [UInt8], _ member: (Limit, inout [UInt8]) -> Void) {
        for (index, limit) in limits.enumerated() {
            if index > 0 { output += RateLimitField.separator }
            member(limit, &output)
        }
    }
}

extension RateLimited: ResponseConvertible {
    /// The answer.
    public var response: Response {
        let violated = limits.filter(\.isViolated)
        let problem = Problem(
            .rateLimited,
            extensions: ["violated-policies": violated.map(\.name)],
            retryAfter: violated.map(\.seconds).max() ?? 1
        )
        var response = problem.response
        for field in Self.fields(limits) { response.headerFields.append(field) }
        return response
    }
}
